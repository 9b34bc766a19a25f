// Package sketch is a template as somebody would add one: a workflow, an activity and an entry. Nothing else in Gatehouse knows of
// it.
package sketch

import (
	"context"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/internal/schedule"
	"gatehouse/internal/templates"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// The names that histories keep.
const (
	Type     = "ContractorEnds"
	activity = "Contractors.Ending"
	Schedule = "contractor-ends"
)

// Request says whose contractors are meant.
type Request struct {
	Source string `json:"source"`
}

// Found is what a run found.
type Found struct {
	People int `json:"people"`
}

// Ends counts who is on record.
func Ends(ctx workflow.Context, in Request) (Found, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{ActivityID: "contractors.ending", StartToCloseTimeout: time.Minute})
	var out Found
	err := workflow.ExecuteActivity(ctx, activity, in).Get(ctx, &out)
	return out, err
}

// contractors has what the activity needs.
type contractors struct{ ledger *ledger.Ledger }

// ending counts whoever is on record.
func (c contractors) ending(ctx context.Context, in Request) (Found, error) {
	all, err := c.ledger.Roster().Rows(ctx, in.Source)
	return Found{People: len(all)}, err
}

// Template is the entry.
func Template() templates.Template {
	return templates.Template{
		Name: "Contractor ends", Does: "finds contractors whose end is near", Fired: "a schedule",
		Runs: []templates.Run{{
			Type: Type, Workflow: Ends, Queues: []string{api.QueueSweep},
			Uses: []templates.Group{activities.Set.Telling, func(s activities.Set) activities.Named {
				return activities.Named{activity: step.Result(contractors{s.Sync.Ledger}.ending)}
			}},
		}},
		Mode: func(m policy.Modes) policy.Mode { return m.Offboarding },
		Schedules: func(*config.Config) []schedule.Schedule {
			return []schedule.Schedule{schedule.Every(Schedule, time.Hour, time.Hour).Starting(Type, Request{Source: identity.SourceBambooHR}, "find contractors whose end is near")}
		},
	}
}
