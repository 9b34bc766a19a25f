package e2e

import (
	"strconv"
	"strings"

	"gatehouse/ledger"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func filter(all []string, part string) []string {
	var out []string
	for _, s := range all {
		if strings.Contains(s, part) {
			out = append(out, s)
		}
	}
	return out
}

func evidenceOf(all []ledger.Evidence, step string) ledger.Evidence {
	for _, e := range all {
		if e.Step == step {
			return e
		}
	}
	return ledger.Evidence{}
}
