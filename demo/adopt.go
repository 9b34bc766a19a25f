package main

import (
	"context"
	"fmt"
	"strings"

	"gatehouse/identity"
	"gatehouse/internal/census"
)

// beforehand is what an operator does before switching anything on: see whose every account is, and what would be done.
func beforehand(ctx context.Context, s *scene) error {
	mark, err := s.sandbox.Mark(ctx)
	if err != nil {
		return err
	}
	pol, err := s.app.LoadPolicy(s.app.Config.Policy)
	if err != nil {
		return err
	}
	reader, err := s.app.Census(0, nil)
	if err != nil {
		return err
	}
	data, err := reader.Read(ctx)
	if err != nil {
		return err
	}
	all := census.New(data, pol)
	report := all.Report()
	var found []string
	accounts := 0
	for _, section := range report.Sections {
		if n := len(section.Rows); n > 0 {
			found = append(found, fmt.Sprintf("%s %d", strings.ReplaceAll(section.Name, "_", " "), n))
		}
		if section.Name != census.SectionNone && section.Name != census.SectionBeyond {
			accounts += len(section.Rows)
		}
	}
	if !report.Complete || accounts != report.Accounts {
		return fmt.Errorf("%d of %d accounts are accounted for", accounts, report.Accounts)
	}
	s.say("starter adopt: %d people, %d accounts; %s", report.People, report.Accounts, strings.Join(found, ", "))
	var planned []string
	counting := census.NewCounting(pol)
	for p := range all.Plans() {
		counting.Add(p)
	}
	for _, v := range counting.Summary().Verdicts {
		if v.Verdict != identity.VerdictNone {
			planned = append(planned, fmt.Sprintf("%s %d", v.Verdict, v.People))
		}
	}
	s.say("starter plan --all: %s, and nothing for the others", strings.Join(planned, ", "))
	changed, err := s.sandbox.Journal(ctx, mark, true)
	if err == nil && len(changed) > 0 {
		err = fmt.Errorf("%d changes were made by reading", len(changed))
	}
	return err
}
