package policy

import (
	"slices"
	"time"

	"gatehouse/identity"
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

// Zone is the company's time zone.
func (p *Policy) Zone() *time.Location { return p.zone }

// ServiceAccount returns the rule of review.service_accounts that an account matches, "" if it is a person's. A
// condition that cannot be evaluated matches nothing: an account is not excused by a mistake.
func (p *Policy) ServiceAccount(account identity.Account) string {
	for _, c := range p.service {
		if yes, err := c.eval(&account); err == nil && yes {
			return c.text
		}
	}
	return ""
}

func (p *Policy) readReview(root section) error {
	s := root.section("review", "compliance", "reviewers", "dormant_after", "retention", "privileged", "service_accounts")
	p.review = Review{DormantAfter: 90 * day, Retention: 400 * day}
	s.duration("dormant_after", nonZero, &p.review.DormantAfter)
	s.duration("retention", orNever, &p.review.Retention)
	p.review.Privileged = p.mentionRoles(s.words("privileged"))
	for i, w := range s.words("reviewers") {
		p.review.Reviewers = append(p.review.Reviewers, s.r.mailbox(item("review.reviewers", i), w))
	}
	if _, set := root.values["review"]; set {
		if w, ok := s.required("compliance", "name the e-mail address that gets the finished review"); ok {
			p.review.Compliance = s.r.mailbox("review.compliance", w)
		}
	}
	expressions := s.words("service_accounts")
	p.review.ServiceAccounts = names(expressions)
	compiler, err := newCompiler(accountSubject())
	if err != nil {
		return err
	}
	for i, w := range expressions {
		if c, ok := compiler.compile(s.r, item("review.service_accounts", i), w); ok {
			p.service = append(p.service, c)
		}
	}
	return nil
}
