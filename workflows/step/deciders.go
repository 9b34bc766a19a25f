package step

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// mayDecide says why somebody's word on a question does not count, nil if it does: two people have to be two, and nobody
// decides about their own departure.
func (d *Console) mayDecide(verb string, in api.Decision) error {
	if slices.ContainsFunc(d.Subject, func(own string) bool { return own != "" && ownName(own, in.By) }) {
		return fmt.Errorf("%s is the one whom this run is about: nobody decides about themselves", in.By)
	}
	for _, a := range d.answers(verb, in) {
		if verb == api.VerbAllow && slices.ContainsFunc(a.AllowedBy, func(by string) bool { return identity.PerhapsSame(by, in.By) }) {
			return fmt.Errorf("%s has allowed item %s before, or somebody whose name that can be as well: a second person has to", in.By, a.Item)
		}
	}
	return nil
}

// ownName reports that an address of somebody is that of who decides, or that a name given without an address can be theirs.
func ownName(own, by string) bool {
	return identity.SameDecider(own, by) || !strings.Contains(by, "@") && len(identity.NameWords(by)) > 1 && identity.PerhapsSame(own, by)
}
