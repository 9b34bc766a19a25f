package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy/policytest"
)

func TestUsernames(t *testing.T) {
	t.Parallel()
	named := func(first, last string) identity.Record {
		return identity.Record{Source: "workday", EmployeeID: "21001", FirstName: first, LastName: last}
	}
	tests := map[string]struct {
		naming string // default: the default naming
		record identity.Record
		first  []string
		count  int
	}{
		"numbered from 2 to 99":       {record: named("Ada", "Byron"), first: []string{"ada.byron", "ada.byron2", "ada.byron3"}, count: 99},
		"umlauts and accents":         {record: named("Jürgen", "Núñez"), first: []string{"jurgen.nunez"}, count: 99},
		"decomposed accents":          {record: named("Ju\u0308rgen", "Nu\u0301n\u0303ez"), first: []string{"jurgen.nunez"}, count: 99},
		"letters that are not accent": {record: named("Søren Æbelø", "Großłukđan"), first: []string{"sorenaebelo.grosslukdan"}, count: 99},
		"vietnamese":                  {record: named("Đặng", "Nguyễn"), first: []string{"dang.nguyen"}, count: 99},
		"turkish":                     {record: named("İbrahim", "Işık"), first: []string{"ibrahim.isik"}, count: 99},
		"apostrophes and spaces":      {record: named("Anna Maria", "O’Brien van den Berg"), first: []string{"annamaria.obrienvandenberg"}, count: 99},
		"hyphens":                     {record: named("Jean–Luc", "Smith-Jones-"), first: []string{"jean-luc.smith-jones"}, count: 99},
		"another script":              {record: named("Мария", "Иванова"), first: []string{"21001"}, count: 1},
		"half another script":         {record: named("Mary", "李"), first: []string{"21001"}, count: 1},
		"one name only":               {record: named("Sukarno", ""), first: []string{"sukarno", "sukarno.2"}, count: 99},
		"no name":                     {record: named("", ""), first: []string{"21001"}, count: 1},
		"punctuation only":            {record: named("?", "."), first: []string{"21001"}, count: 1},
		"nothing":                     {record: identity.Record{}},
		"very long names":             {record: named("Wolfeschlegelsteinhausenbergerdorff", "Wolfeschlegelsteinhausenbergerdorff"), first: []string{"wolfeschlegelsteinhausenberger.wolfeschlegelsteinhausenberger", "wolfeschlegelsteinhausenberger.wolfeschlegelsteinhausenberger2"}, count: 99},
		"initial":                     {naming: `["{f}{last}", "{first}{n}"]`, record: named("Ada", "Byron"), first: []string{"abyron", "ada2"}, count: 99},
		"preferred name": {
			naming: `["{preferred}.{last}"]`, record: identity.Record{FirstName: "Augusta", PreferredName: "Ada", LastName: "Byron"},
			first: []string{"ada.byron"}, count: 1,
		},
		"preferred without one":           {naming: `["{preferred}.{last}"]`, record: named("Augusta", "Byron"), first: []string{"augusta.byron"}, count: 1},
		"employee id":                     {naming: `["u-{employee_id}"]`, record: named("Ada", "Byron"), first: []string{"u-21001"}, count: 1},
		"the legible template stays":      {naming: `["{preferred}", "{first}"]`, record: identity.Record{EmployeeID: "5", FirstName: "Мария", PreferredName: "Maria"}, first: []string{"maria"}, count: 1},
		"two templates, the same outcome": {naming: `["{first}.{last}", "{preferred}.{last}"]`, record: named("Ada", "Byron"), first: []string{"ada.byron"}, count: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := policytest.Everyone
			if tt.naming != "" {
				text += "naming: {username: " + tt.naming + "}\n"
			}
			got := policytest.Parse(t, text).Usernames(tt.record)
			require.Len(t, got, tt.count)
			require.Equal(t, tt.first, got[:len(tt.first):len(tt.first)])
			for _, username := range got {
				require.Regexp(t, `^[a-z0-9][a-z0-9.-]{0,62}[a-z0-9]$|^[a-z0-9]$`, username)
			}
		})
	}
}

func TestExternalIDs(t *testing.T) {
	t.Parallel()
	record := identity.Record{Source: "workday", EmployeeID: "21001"}
	require.Equal(t, []string{"workday-21001"}, policytest.Parse(t, policytest.Everyone).ExternalIDs("workday-21001", record))
	p := policytest.Parse(t, policytest.Everyone+`naming: {match_external_ids: ["{key}", "WD{employee_id}", "{source}:{employee_id}"]}`)
	require.Equal(t, []string{"workday-21001", "WD21001", "workday:21001"}, p.ExternalIDs("workday-21001", record))
	require.Equal(t, []string{"bamboohr-5"}, p.ExternalIDs("bamboohr-5", identity.Record{}), "a format with an empty field fits anybody")

	// An account found by another format keeps its external id.
	found := planCase{account: func(a *identity.Account) { a.ExternalID = "WD21001" }}.run(t, p)
	require.False(t, found.Has(profile))
	require.Equal(t, "WD21001", found.Desired.Profile.ExternalID)
}
