package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/gsuite"
	"gatehouse/activities/letters"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/ledger"
	"gatehouse/ledger/reviews"
	"gatehouse/policy"
)

// Review collects who has access to what, judges it and shows it to those who answer for it. All of it is staged in the
// ledger: a step's rows and the place where it goes on are one commit, so that a step that is killed goes on where it
// was, and one that is repeated adds nothing.
type Review struct {
	Ledger *ledger.Ledger
	// OneLogin is read in the sweep class: a review stops long before the quota does.
	OneLogin *onelogin.Client
	Policy   func() *policy.Policy
	// Sources are the HR systems that say who works here.
	Sources []string
	// Systems are those beside OneLogin. The review knows of them what the inventory does.
	Systems []string
	Sheets  *gsuite.Sheets
	Letters letters.Sender
	Launch  api.Launcher
	Clock   func() time.Time
}

// campaignName is a month, with a suffix for a review that was asked for by hand.
var campaignName = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])(-[a-z0-9-]{1,30})?$`)

// CheckCampaign says what is wrong with the name of a campaign.
func CheckCampaign(name string) error {
	if !campaignName.MatchString(name) {
		return fmt.Errorf("%q is not the name of a review: write a month like 2026-11, or one with a suffix of small letters, "+
			"digits and dashes like 2026-11-merger", name)
	}
	return nil
}

// Start starts the review of a month in a run of its own. That run's id is the campaign's, so that a schedule that fires
// twice, a backfill and an operator all come to one review.
func (r *Review) Start(ctx context.Context, in api.ReviewStart) (api.ReviewStarted, error) {
	if in.Campaign == "" {
		if in.At.IsZero() {
			return api.ReviewStarted{}, step.NonRetryable(api.ErrInvalid, "a review needs a name, or the time whose month it is about")
		}
		zone := r.Policy().Zone()
		if in.Zone != "" {
			// A schedule that fires on the first in its own zone means the month that begins there.
			var err error
			if zone, err = time.LoadLocation(in.Zone); err != nil {
				return api.ReviewStarted{}, step.NonRetryable(api.ErrInvalid, fmt.Sprintf("%q is not a time zone: run schedules apply", in.Zone))
			}
		}
		in.Campaign = in.At.In(zone).Format("2006-01")
	}
	if err := CheckCampaign(in.Campaign); err != nil {
		return api.ReviewStarted{}, step.NonRetryable(api.ErrInvalid, err.Error())
	}
	return r.Launch.Review(ctx, in.Campaign)
}

// staleAfter is how old what a review has collected may be when a new run of it takes it up.
const staleAfter = 24 * time.Hour

// Open begins a campaign, or says how far it has come. It refuses to begin one that could not be finished.
func (r *Review) Open(ctx context.Context, in api.ReviewInput) (api.ReviewOpened, error) {
	if err := CheckCampaign(in.Campaign); err != nil {
		return api.ReviewOpened{}, step.NonRetryable(api.ErrInvalid, err.Error())
	}
	known, found, err := r.Ledger.Review().Campaign(ctx, in.Campaign)
	if err != nil {
		return api.ReviewOpened{}, err
	}
	switch {
	case !found:
		if err := r.ready(ctx); err != nil {
			return api.ReviewOpened{}, err
		}
		if known, err = r.Ledger.Review().Open(ctx, in.Campaign); err != nil {
			return api.ReviewOpened{}, err
		}
		if err := r.prune(ctx); err != nil {
			return api.ReviewOpened{}, err
		}
	case known.FrozenAt.IsZero() && r.Clock().Sub(known.StartedAt) > staleAfter:
		// One half of it would be of today and the other of then, under the time of today.
		if known, err = r.Ledger.Review().Renew(ctx, in.Campaign); err != nil {
			return api.ReviewOpened{}, err
		}
	}
	return api.ReviewOpened{Frozen: !known.FrozenAt.IsZero(), Finished: !known.FinishedAt.IsZero()}, nil
}

// ready says what a person has to set up before a review can be made.
func (r *Review) ready(ctx context.Context) error {
	if r.Sheets.Client == nil || !r.Letters.Configured() {
		return gsuite.NotConfigured()
	}
	if r.Policy().Review().Compliance == "" {
		return step.NonRetryable(api.ErrInvalid, "a review needs somebody to get it: set review.compliance in policy.yaml, then retry")
	}
	read, err := r.hrRead(ctx)
	if err != nil {
		return err
	}
	for _, source := range r.Sources {
		if read[source].IsZero() {
			return step.NonRetryable(api.ErrInvalid, fmt.Sprintf("%s has not been read yet, so that the accounts of its people would seem to "+
				"belong to nobody: apply the schedules, wait for the first reading, then retry", source))
		}
	}
	return nil
}

// hrRead is when each HR source was last read, and zero for one that never was.
func (r *Review) hrRead(ctx context.Context) (map[string]time.Time, error) {
	read := map[string]time.Time{}
	for _, source := range r.Sources {
		state, err := r.Ledger.Roster().Source(ctx, source)
		if err != nil {
			return nil, err
		}
		if !state.BaselinedAt.IsZero() {
			read[source] = state.SyncedAt
		}
	}
	return read, nil
}

// prune deletes the rows of old campaigns.
func (r *Review) prune(ctx context.Context) error {
	keep := r.Policy().Review().Retention
	if keep == 0 {
		return nil
	}
	_, err := r.Ledger.Review().Prune(ctx, r.Clock().Add(-keep))
	return err
}

// Freeze makes the campaign what it will always be: nothing is written to a spreadsheet before.
func (r *Review) Freeze(ctx context.Context, in api.ReviewInput) (api.ReviewSnapshot, error) {
	at, done, err := r.Ledger.Review().Step(ctx, in.Campaign, stepAssess)
	if err != nil {
		return api.ReviewSnapshot{}, err
	}
	campaign, found, err := r.Ledger.Review().Campaign(ctx, in.Campaign)
	if err != nil {
		return api.ReviewSnapshot{}, err
	}
	if !found || campaign.FrozenAt.IsZero() && !done {
		return api.ReviewSnapshot{}, step.NonRetryable(api.ErrInvalid, "the review has not been assessed and cannot be frozen")
	}
	var judged assessPlace
	if err := step.ReadPlace(at, &judged); err != nil {
		return api.ReviewSnapshot{}, err
	}
	campaign, err = r.Ledger.Review().Freeze(ctx, in.Campaign, judged.Policy, func(c reviews.Counts) []reviews.Tab {
		return layoutReview(in.Campaign, c, r.Sheets.RowsPerTab)
	})
	return api.ReviewSnapshot{
		AsOf: campaign.FrozenAt, Users: campaign.Counts.Users, Access: campaign.Counts.Access, Findings: campaign.Counts.Findings,
	}, err
}

// The steps of a campaign in the ledger. Writing has one per tab.
const (
	stepUsers  = "users"
	stepRoles  = "roles"
	stepApps   = "apps"
	stepAssess = "assess"
)

// moveTo is the move of a step to a place.
func moveTo(step, from string, place any, done bool) (reviews.StepMove, error) {
	to, err := json.Marshal(place)
	if err != nil {
		return reviews.StepMove{}, fmt.Errorf("write down where step %s of the review goes on: %w", step, err)
	}
	return reviews.StepMove{Step: step, From: from, To: string(to), Done: done}, nil
}

// stage adds rows and moves a step on. A step whose campaign was frozen meanwhile is done: a person reset the run to
// before the freeze, and what was reviewed stays.
func (r *Review) stage(ctx context.Context, campaign string, m reviews.StepMove, rows reviews.Rows) (frozen bool, err error) {
	err = r.Ledger.Review().Stage(ctx, campaign, m, rows)
	if errors.Is(err, reviews.ErrFrozen) {
		return true, nil
	}
	return false, err
}
