package policy

import (
	"maps"
	"slices"
	"time"

	"gatehouse/identity"
)

// set puts the values of set orders above those of HR. Where an order is over and HR says nothing, the account gets back what it said
// before, unless somebody has changed it since. What the source did not send is not known, so that nothing is given back because of it.
func (pl *planner) set(profile *identity.Profile) {
	for field, o := range identity.Setting(pl.orders, pl.person.AsOf) {
		profile.Set(field, o.Sets(field))
	}
	if pl.account == nil || pl.withhold() {
		return
	}
	for _, o := range pl.ended {
		for _, name := range slices.Sorted(maps.Keys(o.Attributes)) {
			field := identity.AttributeField(name)
			was, known := o.Was(field)
			switch {
			case !known, profile.Value(field) != "", slices.Contains(profile.Clear, field), pl.account.Value(field) != o.Sets(field):
			case was == "":
				profile.Clear = append(profile.Clear, field)
			default:
				profile.Set(field, was)
			}
		}
	}
}

// settingOrders are the set orders because of which a profile is to be written: those in force, and those whose end is carried out.
func (pl *planner) settingOrders(differing []identity.Kept) []string {
	var ids []string
	latest := identity.Setting(pl.orders, pl.person.AsOf)
	for _, d := range differing {
		if o, ordered := latest[d.Field]; ordered {
			ids = append(ids, o.ID)
			continue
		}
		for _, o := range pl.ended {
			if value := o.Sets(d.Field); o.Kind == identity.OrderSet && value != "" && value == d.Holds {
				ids = append(ids, o.ID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// SetBack reports that the end of a set order is carried out as far as a plan says: the account does not say any more what the order
// had it say, or is to go on saying it.
func SetBack(o identity.Order, account *identity.Account, desired identity.Profile) bool {
	if account == nil {
		return true
	}
	for name, value := range o.Attributes {
		field := identity.AttributeField(name)
		was, known := o.Was(field)
		if known && was != value && account.Value(field) == value && desired.Value(field) != value {
			return false
		}
	}
	return true
}

// ByNamedOrders reports that everything in which a profile differs is what set orders ask for that somebody gave, and no rule.
func ByNamedOrders(differing []identity.Kept, orders []identity.Order, at time.Time) bool {
	latest := identity.Setting(orders, at)
	for _, d := range differing {
		if o, ordered := latest[d.Field]; !ordered || o.Rule != "" {
			return false
		}
	}
	return len(differing) > 0
}
