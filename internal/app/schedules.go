package app

import (
	"context"

	"gatehouse/internal/codec"
	"gatehouse/internal/schedule"
	"gatehouse/internal/templates"
)

// Templates are what this process registers, schedules and shows.
func (a *App) Templates() []templates.Template {
	if a.templates == nil {
		return templates.All()
	}
	return a.templates
}

// Schedules keeps the schedules of the configuration.
func (a *App) Schedules() schedule.Keeper {
	data, _ := codec.Converters(a.codec)
	return schedule.Keeper{Temporal: a.Temporal, Data: data, All: templates.Schedules(a.Templates(), a.Config)}
}

// ApplySchedules makes the schedules what the configuration says, and what their runs are found by known before. What it returns
// is what was different.
func (a *App) ApplySchedules(ctx context.Context) ([]schedule.Difference, error) {
	if err := a.EnsureSearchAttributes(ctx); err != nil {
		return nil, err
	}
	return a.Schedules().Apply(ctx)
}
