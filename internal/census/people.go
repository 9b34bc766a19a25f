package census

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/reading"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// Human is one person as all that was read shows them.
type Human struct {
	Key string
	// Keys are every key that stands for them, Records every HR record of theirs that is there.
	Keys    []string
	Records []identity.Record
	// Standing is where they stand, and LeaveAt when they leave or have left; Belongs and Out say where they belong by that. The
	// rest of what policy makes of their records is made anew where it is needed.
	Standing     identity.Standing
	LeaveAt      time.Time
	Belongs, Out bool
	// Dossier is what the ledger knows, empty if nobody has met them.
	Dossier *ledger.Dossier
	// Notices say what has to be decided about their records first.
	Notices []identity.Notice

	// at is their place among all humans.
	at int32
}

// Left reports that they must not have access.
func (h *Human) Left() bool {
	return h.Standing == identity.StandingLeft || h.Standing == identity.StandingRescinded
}

// people makes humans of records: those that the ledger has linked, and those that are plainly one human's.
func everybody(d *Data, pol *policy.Policy) []*Human {
	byKey := make(map[string]*Human, len(d.Records))
	linked := map[string]string{}
	stranger := &ledger.Dossier{}
	for key, dossier := range d.known {
		if len(dossier.Links) == 0 {
			continue
		}
		byKey[key] = &Human{Key: key, Keys: []string{key}, Dossier: dossier}
		for _, l := range dossier.Links {
			linked[l.Source+"-"+l.EmployeeID] = key
		}
	}
	for i := range d.Records {
		r := &d.Records[i]
		own := r.Source + "-" + r.EmployeeID
		key := cmp.Or(linked[own], own)
		h := byKey[key]
		if h == nil {
			h = &Human{Key: key, Keys: []string{key}, Dossier: stranger}
			byKey[key] = h
		}
		if len(h.Records) == 0 {
			h.Records = d.Records[i : i+1 : i+1] // Most have one, of which no second copy is made.
		} else {
			h.Records = append(h.Records, *r)
		}
		if !slices.Contains(h.Keys, own) {
			h.Keys = append(h.Keys, own)
		}
	}
	humans := slices.SortedFunc(maps.Values(byKey), func(a, b *Human) int { return strings.Compare(a.Key, b.Key) })
	humans = join(d, pol, humans)
	for _, h := range humans {
		person := h.person(d, pol)
		h.Standing, h.LeaveAt, h.Belongs, h.Out = person.Standing, person.LeaveAt, person.Belongs(), person.Out()
	}
	return humans
}

// person is what policy makes of somebody's records.
func (h *Human) person(d *Data, pol *policy.Policy) identity.Person {
	return pol.Person(h.Key, h.engagements(d, pol), d.At)
}

// engagements are the records with what the ledger knows about each, and the records that are gone.
func (h *Human) engagements(d *Data, pol *policy.Policy) []identity.Engagement {
	var all []identity.Engagement
	links := map[string]persons.Link{}
	for _, l := range h.Dossier.Links {
		links[l.Source+"-"+l.EmployeeID] = l
	}
	there := map[string]bool{}
	for _, r := range h.Records {
		own := r.Source + "-" + r.EmployeeID
		there[own] = true
		l, known := links[own]
		if !known {
			l = persons.Link{FirstSeen: d.At}
		}
		e := l.Engagement(h.Dossier.Person, r, true)
		if !reading.EndUnread(r) {
			switch _, leaves := pol.Ends(e, d.At); {
			case !leaves:
				e.LeaverFirstSeen = time.Time{}
			case e.LeaverFirstSeen.IsZero():
				e.LeaverFirstSeen = d.At
			}
		}
		all = append(all, e)
	}
	for _, l := range h.Dossier.Links {
		if there[l.Source+"-"+l.EmployeeID] || !slices.Contains(d.Sources, l.Source) {
			continue
		}
		gone := identity.Record{Source: l.Source, EmployeeID: l.EmployeeID, Status: identity.StatusUnknown}
		all = append(all, l.Engagement(h.Dossier.Person, gone, false))
	}
	return all
}

// join makes one human of two that share a name and a private address that nobody else has, unless their records say
// otherwise. Who shares an address for another reason is asked about. Both are only so of somebody whom nobody has assessed.
func join(d *Data, pol *policy.Policy, humans []*Human) []*Human {
	private, any := map[string][]*Human{}, map[string][]*Human{}
	add := func(to map[string][]*Human, address string, h *Human) {
		if address = identity.FoldAddress(address); address != "" && !identity.PlaceholderAddress(address) && !slices.Contains(to[address], h) {
			to[address] = append(to[address], h)
		}
	}
	for _, h := range humans {
		for _, r := range h.Records {
			add(private, r.PersonalEmail, h)
			add(any, r.PersonalEmail, h)
			add(any, r.WorkEmail, h)
		}
	}
	gone := map[*Human]bool{}
	for _, address := range slices.Sorted(maps.Keys(any)) {
		sharing := any[address]
		if len(sharing) < 2 {
			continue
		}
		for _, h := range sharing {
			if gone[h] || !h.fresh(d) {
				continue
			}
			h.compare(d, pol, sharing, len(private[address]) == 2 && len(sharing) == 2, gone)
		}
	}
	return slices.DeleteFunc(humans, func(h *Human) bool { return gone[h] })
}

// fresh reports that nobody has said yet whether somebody's record is another person's.
func (h *Human) fresh(d *Data) bool { return h.Dossier.Person.Episode == 0 || d.asked[h.Key] }

// compare compares somebody with those who share an address. Proves says that name and address prove one human.
func (h *Human) compare(d *Data, pol *policy.Policy, sharing []*Human, proves bool, gone map[*Human]bool) {
	for _, other := range sharing {
		if other == h || gone[other] {
			continue
		}
		same, why := alike(h, other, d)
		switch {
		case same && proves && why == "":
			other.Records, other.Keys = append(other.Records, h.Records...), append(other.Keys, h.Keys...)
			gone[h] = true
			return
		case same || len(sharing) == 2:
			h.ask(pol, other.Key, cmp.Or(why, "and the name, and a third person has that address too"))
		}
	}
}

// ask notes once that a record may be another person's.
func (h *Human) ask(pol *policy.Policy, key, why string) {
	if slices.ContainsFunc(h.Notices, func(n identity.Notice) bool { return n.Code == api.NoticePossibleDuplicate }) {
		return
	}
	h.Notices = append(h.Notices, people.PossibleDuplicate(pol, key, why))
}

// alike reports that two have a name in common, and says what speaks against one human.
func alike(a, b *Human, d *Data) (same bool, why string) {
	for _, x := range a.Records {
		for _, y := range b.Records {
			if identity.NameTrace(x.FirstName, x.LastName) == identity.NameTrace(y.FirstName, y.LastName) && x.LastName != "" {
				same = true
			}
			why = cmp.Or(why, identity.NotOneHuman(x, y, d.At))
		}
	}
	if !same {
		return false, "under another name"
	}
	if why != "" {
		why = "and the name, but " + why
	}
	return true, why
}
