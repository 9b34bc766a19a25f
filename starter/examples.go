package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/starter/cmdline"
)

// examples are what the help of each command shows to copy.
var examples = map[string]string{
	"":                   "starter status\nstarter show --person workday-21001\nstarter --config /etc/gatehouse/gatehouse.yaml doctor",
	"account":            "starter account list --person workday-21001\nstarter account show 100042",
	"account declare":    `starter account declare --account 100042 --kind service --owner grace@example.com --purpose "backup" --ends 2027-03-31 --reason "asked for by its owner"`,
	"account link":       `starter account link --account 100042 --person workday-21001 --use admin --reason "checked with the manager"` + "\nstarter account link --from accounts.csv --reason \"checked\" --dry-run",
	"account list":       "starter account list --state candidate --system google\nstarter account list --kind service -o csv",
	"account refuse":     `starter account refuse --account 100042 --person workday-21001 --reason "somebody else of the same name"`,
	"account separate":   `starter account separate --account 100042 --person workday-21001 --reason "linked by mistake"`,
	"account show":       "starter account show 100042\nstarter account show onelogin/100042 -o json",
	"account unlink":     `starter account unlink --person workday-21001 --account 100042 --reason "to be searched for afresh"`,
	"adopt":              "starter adopt\nstarter adopt --section left\nstarter adopt --csv decisions.csv --suggest\nstarter adopt --import decisions.csv --dry-run",
	"agents":             "starter agents\nstarter agents calls --since 1h",
	"agents requests":    "starter agents requests --agent helpdesk",
	"agents calls":       "starter agents calls --agent helpdesk --since 72h -o csv",
	"agents off":         `starter agents off --agent helpdesk --reason "answers nonsense"` + "\nstarter agents off --all --reason \"an incident\"",
	"agents on":          "starter agents on --agent helpdesk",
	"agents report":      "starter agents report --since 720h\nstarter agents report --agent helpdesk -o json",
	"agents review":      `starter agents review --agent helpdesk --answer revoke --reason "nobody uses it"`,
	"agents revoke":      "starter agents revoke 3f9a2c71d0e4 --agent helpdesk",
	"agents token":       "starter agents token --agent helpdesk --for 720h",
	"agents tokens":      "starter agents tokens --agent helpdesk",
	"attention":          "starter attention list\nstarter attention show 4f1c2a",
	"attention accept":   `starter attention accept 4f1c2a --until 2027-01-31 --reason "the vendor mends it in January"`,
	"attention list":     "starter attention list --severity critical\nstarter attention list --owner security -o json",
	"attention show":     "starter attention show 4f1c2a",
	"attention take":     "starter attention take 4f1c2a",
	"authorise":          "starter authorise list",
	"authorise approve":  "starter authorise approve --id 2027-01-berlin --hash 9b1f0c",
	"authorise file":     `starter authorise file --id 2027-01-berlin --csv people.csv --source workday --kind contain --at 2027-01-31T18:00:00+01:00 --reason "closing of the site"`,
	"authorise list":     "starter authorise list\nstarter authorise list -o csv",
	"authorise plan":     "starter authorise plan --csv people.csv --source workday --kind contain --at 2027-01-31T18:00:00+01:00",
	"authorise withdraw": "starter authorise withdraw --id 2027-01-berlin",
	"codec":              "starter codec\nstarter codec --listen 127.0.0.1:9000",
	"decide":             "starter decide --person workday-21001\n" + `starter decide --person workday-21001 --verb retry --reason "Jira answers again"` + "\n" + `starter decide --cause 4f1c2a --verb allow --reason "checked"`,
	"doctor":             "starter doctor\nstarter doctor --all\nstarter doctor -o json",
	"evidence":           "starter evidence --person workday-21001\nstarter evidence --person workday-21001 -o csv",
	"holds":              "starter holds\nstarter holds --source workday",
	"key":                "starter key --address grace@example.com",
	"list":               "starter list --attention\nstarter list --person workday-21001\nstarter list --all --limit 0 --run-id -o csv",
	"login":              "starter login",
	"mfa":                "starter mfa status",
	"mfa exempt":         `starter mfa exempt --person workday-21001 --until 2027-01-31 --reason "no phone until then"`,
	"mfa extend":         `starter mfa extend --person workday-21001 --until 14d --reason "on leave"`,
	"mfa scan":           "starter mfa scan\nstarter mfa scan --everybody",
	"mfa status":         "starter mfa status\nstarter mfa status --person workday-21001",
	"offboard":           `starter offboard --person workday-21001 --now --reason "dismissed"` + "\n" + `starter offboard --user 100042 --now --reason "stolen credentials"`,

	"order": "starter order list",
	"order give": `starter order give --person workday-21001 --kind suspend --until 72h --reason "being looked into"` + "\n" +
		`starter order give --person workday-21001 --kind set --set title="Acting head" --until 720h --reason "stands in"`,
	"order list":            "starter order list\nstarter order list --person workday-21001 -o json",
	"order release":         `starter order release suspend-k3v9x2 --reason "harmless"`,
	"plan":                  "starter plan --person workday-21001\nstarter plan --all\nstarter plan --all --policy next.yaml\nstarter plan --all --verdict leave\nstarter plan --system google -o csv",
	"policy":                "starter policy show",
	"policy accept":         `starter policy accept --hash 9b1f0c2d3e4f --reason "agreed with security"`,
	"policy roles":          "starter policy roles\nstarter policy roles -o csv",
	"policy show":           "starter policy show",
	"reassess":              "starter reassess --person workday-21001",
	"records":               "starter records --source workday\n" + `starter records --source workday --accept 7c2e --reason "HR confirms the import"`,
	"release":               `starter release --person workday-21001 --order suspend-k3v9x2 --reason "harmless"`,
	"review":                "starter review\nstarter review --campaign 2026-11",
	"serve":                 "starter serve\nstarter serve --with-worker",
	"sweep":                 "starter sweep --system google\nstarter sweep --system ldap --changes",
	"systems":               "starter systems\nstarter systems -o json",
	"templates":             "starter templates\nstarter templates --all -o json",
	"show":                  "starter show --person workday-21001\nstarter show --workflow hold/workday/move\nstarter show --person workday-21001 -o json",
	"sponsor":               "starter sponsor list\nstarter sponsor show --person sponsored-s3f9a2c71d0",
	"sponsor add":           `starter sponsor add --first-name Carla --last-name Rossi --email c.rossi@auditors.example --sponsor workday-21001 --until 2027-03-31 --reason "the audit" --dry-run`,
	"sponsor change":        `starter sponsor change --person sponsored-s3f9a2c71d0 --department Sales --reason "another project"`,
	"sponsor confirm":       `starter sponsor confirm --person sponsored-s3f9a2c71d0 --reason "the audit goes on"`,
	"sponsor end":           `starter sponsor end --person sponsored-s3f9a2c71d0 --reason "the audit is done"`,
	"sponsor extend":        `starter sponsor extend --person sponsored-s3f9a2c71d0 --until 2027-06-30 --reason "the audit takes longer"`,
	"sponsor list":          "starter sponsor list --all -o csv",
	"sponsor show":          "starter sponsor show --person sponsored-s3f9a2c71d0",
	"sponsor transfer":      `starter sponsor transfer --person sponsored-s3f9a2c71d0 --to workday-21002 --reason "moved to Finance"`,
	"status":                "starter status\nstarter status --check\nstarter status --person workday-21001\nstarter status -o json",
	"unlink-account":        "starter unlink-account --person workday-21001",
	"completion":            "starter completion bash > /etc/bash_completion.d/starter",
	"completion bash":       "starter completion bash > /etc/bash_completion.d/starter",
	"completion fish":       "starter completion fish > ~/.config/fish/completions/starter.fish",
	"completion powershell": "starter completion powershell | Out-String | Invoke-Expression",
	"completion zsh":        `starter completion zsh > "${fpath[1]}/_starter"`,
}

// withExamples gives every command its examples.
func withExamples(root *cobra.Command) {
	for path, text := range examples {
		cmd, _, err := root.Find(strings.Fields(path))
		cmdline.Must(err)
		cmd.Example = "  " + strings.ReplaceAll(text, "\n", "\n  ")
	}
}
