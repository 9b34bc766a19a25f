package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/app"
	"gatehouse/internal/config"
)

// TestRecordsOfASourceThatIsNotConfigured: the command says which there are.
func TestRecordsOfASourceThatIsNotConfigured(t *testing.T) {
	t.Parallel()
	a := &app.App{Config: &config.Config{
		Workday: config.Workday{BaseURL: "https://wd.example"}, BambooHR: config.BambooHR{BaseURL: "https://acme.example"},
	}}
	require.NoError(t, knownSource(a, "workday"))
	require.EqualError(t, knownSource(a, "personio"), `no HR source "personio" is configured: write --source workday or --source bamboohr`)
}
