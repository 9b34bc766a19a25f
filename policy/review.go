package policy

import (
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// Review says how access is reviewed.
type Review struct {
	// Compliance is the e-mail address that gets the finished review. Empty means that there are no reviews.
	Compliance string
	// Reviewers are further e-mail addresses that may write decisions into the spreadsheets.
	Reviewers []string
	// DormantAfter is how long an account may go without a sign-in before that is a finding. Default 90 days.
	DormantAfter time.Duration
	// Retention is how long the rows of a review stay in the ledger. Default 400 days; 0 means for ever.
	Retention time.Duration
	// Privileged are roles that are privileged for a review, besides access.privileged_roles.
	Privileged []string
	// ServiceAccounts are CEL expressions over account: what they match is no person and needs no HR record.
	ServiceAccounts []string
}

// Review returns how access is reviewed.
func (p *Policy) Review() Review {
	r := p.review
	r.Reviewers, r.Privileged = slices.Clone(r.Reviewers), slices.Clone(r.Privileged)
	r.ServiceAccounts = slices.Clone(r.ServiceAccounts)
	return r
}

// Readers are who reads the spreadsheets, compliance first.
func (r Review) Readers() []string {
	if r.Compliance == "" {
		return r.Reviewers
	}
	return append([]string{r.Compliance}, r.Reviewers...)
}

// Zone is the company's time zone.
func (p *Policy) Zone() *time.Location { return p.zone }

// ServiceAccount returns the rule of accounts.non_personal or review.service_accounts that an account matches, "" if it is a person's.
func (p *Policy) ServiceAccount(account identity.Account) string {
	if entry, listed := p.NonPersonal(account); listed {
		return entry.Rule
	}
	return p.ReviewService(account)
}

// ReviewService returns the rule of review.service_accounts that an account matches, "" if none does. A condition that cannot be
// evaluated matches nothing: an account is not excused by a mistake.
func (p *Policy) ReviewService(account identity.Account) string {
	for _, c := range p.service {
		if yes, err := c.Holds(&account); err == nil && yes {
			return c.Text
		}
	}
	return ""
}

func (p *Policy) readReview(root yamlfile.Section) error {
	s := root.Section("review", "compliance", "reviewers", "dormant_after", "retention", "privileged", "service_accounts")
	p.review = Review{DormantAfter: 90 * yamlfile.Day, Retention: 400 * yamlfile.Day}
	s.Duration("dormant_after", yamlfile.NonZero, &p.review.DormantAfter)
	s.Duration("retention", yamlfile.OrNever, &p.review.Retention)
	p.review.Privileged = p.mentionRoles(s.Words("privileged"))
	for i, w := range s.Words("reviewers") {
		p.review.Reviewers = append(p.review.Reviewers, s.Reader.Mailbox(yamlfile.Item("review.reviewers", i), w))
	}
	if root.Has("review") {
		if w, ok := s.Required("compliance", "name the e-mail address that gets the finished review"); ok {
			p.review.Compliance = s.Reader.Mailbox("review.compliance", w)
		}
	}
	expressions := s.Words("service_accounts")
	p.review.ServiceAccounts = yamlfile.Texts(expressions)
	compiler, err := condition.New(accountSubject())
	if err != nil {
		return err
	}
	for i, w := range expressions {
		if c, ok := compiler.Compile(s.Reader, yamlfile.Item("review.service_accounts", i), w); ok {
			p.service = append(p.service, c)
		}
	}
	return nil
}
