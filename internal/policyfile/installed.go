package policyfile

import (
	"errors"
	"fmt"

	"gatehouse/connectors/google"
	"gatehouse/internal/config"
	"gatehouse/policy"
)

// compare finds what a policy asks for and gatehouse.yaml does not have.
func compare(p *policy.Policy, installed config.Installed) error {
	return errors.Join(p.CheckSources(installed.Sources), p.CheckConfigured(installed.Systems), handover(p, installed))
}

// handover finds what of a leaver's mailbox and files is to be handed over where the scopes for it were not granted: Google would refuse it
// on the day that somebody leaves.
func handover(p *policy.Policy, installed config.Installed) error {
	if installed.Handover {
		return nil
	}
	var wrong []error
	for _, s := range p.Systems() {
		if s.Name != google.System {
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
