package policyfile

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/policy"
)

// Installed is what a policy has to fit: the HR sources and the systems that are configured.
type Installed struct {
	Sources, Systems []string
	// Handover are the systems that may be asked for mailboxes' settings and transfers.
	Handover []string
	// ReadEvery is how often everything is read in each of Systems.
	ReadEvery time.Duration
}

// compare finds what of a policy does not fit.
func (i Installed) compare(p *policy.Policy) error {
	return errors.Join(p.CheckSources(i.Sources), p.CheckConfigured(i.Systems), p.CheckAges(i.ReadEvery), i.handover(p))
}

// handover finds what of a leaver's mailbox and files is to be handed over where the scopes for it were not granted: it would be refused on
// the day that somebody leaves.
func (i Installed) handover(p *policy.Policy) error {
	var wrong []error
	for _, s := range p.Systems() {
		if slices.Contains(i.Handover, s.Name) {
			continue
		}
		for _, each := range []struct{ key, value string }{
			{"auto_reply", s.Leaver.Text}, {"delegate_to", s.Leaver.DelegateTo}, {"transfer_to", s.Leaver.TransferTo},
		} {
			if each.value != "" {
				wrong = append(wrong, fmt.Errorf("systems.%s.leaver.%s needs systems.%s.handover: true in gatehouse.yaml, which says that the scopes for it are granted",
					s.Name, each.key, s.Name))
			}
		}
	}
	return errors.Join(wrong...)
}
