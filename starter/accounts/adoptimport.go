package accounts

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// decidable are the words that a row of decisions may have.
var decidable = []string{wordLink, wordRefuse, wordSeparate, wordDeclare}

// decided is a row of decisions.
type decided struct {
	speaker *speaker
	said
	// done is when an earlier import of the same file carried it out, zero if none did; told are whose runs are told.
	done time.Time
	told []string
}

// importDecisions takes the decisions of a file. It is one file in all its attempts: what was done before is not done twice,
// and only told once more.
func importDecisions(cmd *cobra.Command, a *app.App, o adoption) error {
	rows, batch, undecided, err := readDecisions(cmd, o.in)
	if err != nil {
		return err
	}
	said, err := sign.AuthorOf(cmd, a, o.by, o.keyFile)
	if err != nil {
		return err
	}
	all, err := checkDecisions(cmd, a, said, rows, batch)
	if err != nil {
		return err
	}
	spared, err := bystanders(cmd.Context(), a, len(all))
	if err != nil {
		return err
	}
	var failed []string
	before := 0
	tell := cli.Counted(cmd, "decisions carried out", len(all))
	for i, d := range all {
		tell(i)
		d.speaker.spared = spared
		if !d.done.IsZero() {
			before++
		}
		if !o.dry {
			if err := d.carry(cmd.Context()); err != nil {
				failed = append(failed, placed(d.row, err))
				continue
			}
		}
		cmd.Println(d.line())
	}
	cmd.Printf("%d decisions, %d of them done by an earlier import of this file; %d rows without a decision were left alone.\n", len(all), before, undecided)
	if len(all) > mostTold && !o.dry {
		cmdline.Wrapped(cmd, "", "Who has left, or is asked about, is looked at now. Everybody else is looked at by the next comparison of everybody; at once by:")
		cmd.Println("  temporal workflow start --type Reconcile --task-queue gatehouse-sweep --workflow-id reconcile --input '{\"whole\":true}'")
	}
	switch {
	case len(failed) > 0:
		return fmt.Errorf("%d of %d were not done; give the file again once this is mended:\n  %s", len(failed), len(all), strings.Join(failed, "\n  "))
	case o.dry:
		cmd.Println("Nothing was changed.")
	}
	return nil
}

// carry does what a row says, or tells once more of what was done before.
func (d decided) carry(ctx context.Context) error {
	if !d.done.IsZero() {
		return d.speaker.tell(ctx, d.told)
	}
	return d.speaker.carryOut(ctx, d.said)
}

func (d decided) line() string {
	if !d.done.IsZero() {
		return fmt.Sprintf("line %d: %s was done by this file at %s; to say it again, use starter account %s --account", d.row.line, d.speaker.verb,
			cmdline.Clock(d.done), d.speaker.verb)
	}
	return d.speaker.sentence(d.said)
}

// checkDecisions checks all rows before anything is changed.
func checkDecisions(cmd *cobra.Command, a *app.App, said *sign.Signatory, rows []decisionRow, batch string) ([]decided, error) {
	ctx := cmd.Context()
	now := time.Now()
	seen := map[string]bool{}
	var all []decided
	var wrong []string
	tell := cli.Counted(cmd, "rows checked", len(rows))
	for i, r := range rows {
		tell(i)
		d := decided{speaker: &speaker{cmd: cmd, app: a, verb: r.verb, by: said.By, author: said, now: now}}
		err := d.check(ctx, r, batch)
		if name := r.verb + " " + d.ref.String(); err == nil && seen[name] {
			err = fmt.Errorf("%s stands in two rows with %s", d.ref, r.verb)
		} else {
			seen[name] = true
		}
		if err != nil {
			wrong = append(wrong, placed(r.row, err))
			continue
		}
		all = append(all, d)
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("nothing was changed:\n  %s", strings.Join(wrong, "\n  "))
	}
	return all, nil
}

// check finds out what a row means, or that it was done before. What was said by flags has no batch, and is done anew each time.
func (d *decided) check(ctx context.Context, r decisionRow, batch string) (err error) {
	if batch == "" {
		return d.checkAfresh(ctx, r.row)
	}
	ref, err := parseAccount(r.account)
	if err != nil {
		return err
	}
	claim := claimOf(batch, r, ref)
	told, at, done, err := d.speaker.app.Ledger.Journal().Completed(ctx, claim)
	if err != nil {
		return err
	}
	if done {
		d.said, d.done, d.told = said{row: r.row, ref: ref}, at, strings.Fields(string(told))
		return nil
	}
	err = d.checkAfresh(ctx, r.row)
	d.claim = claim
	return err
}

// checkAfresh finds out what a row means, and signs it.
func (d *decided) checkAfresh(ctx context.Context, r row) (err error) {
	if d.said, err = d.speaker.check(ctx, r); err != nil {
		return err
	}
	d.proof, err = d.speaker.prove(d.said)
	return err
}

// claimOf names a row of a file for good.
func claimOf(batch string, r decisionRow, ref identity.Ref) string {
	return fmt.Sprintf("adopt/%s/%d/%s@%s", batch, r.line, r.verb, ref)
}

// decisionRow is a row with its word.
type decisionRow struct {
	row
	verb string
}

// readDecisions reads a CSV of decisions, with or without the columns that say what was found, and digests it.
func readDecisions(cmd *cobra.Command, from string) (rows []decisionRow, batch string, undecided int, err error) {
	in := cmd.InOrStdin()
	if from != "-" {
		f, err := os.Open(from)
		if err != nil {
			return nil, "", 0, fmt.Errorf("read the decisions: %w", err)
		}
		defer func() { _ = f.Close() }() // It was only read.
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, mostDecisions+1))
	if err != nil {
		return nil, "", 0, fmt.Errorf("read the decisions: %w", err)
	}
	if len(data) > mostDecisions {
		return nil, "", 0, errors.New("the CSV is larger than 200 MB: is it the right file?")
	}
	records, err := cmdline.ReadRecords(bytes.NewReader(data), slices.Concat(decisionColumns, foundColumns), decisionColumns[:2])
	if err != nil {
		return nil, "", 0, err
	}
	sum := sha256.Sum256(data)
	for _, rec := range records {
		verb := strings.ToLower(rec.Cells["decision"])
		if verb == "" {
			undecided++
			continue
		}
		if !slices.Contains(decidable, verb) {
			return nil, "", 0, fmt.Errorf("line %d of the CSV: the decision is none: write %s, or nothing", rec.Line, strings.Join(decidable, ", "))
		}
		r := decisionRow{row: row{line: rec.Line}, verb: verb}
		for _, column := range columnsOf(verb) {
			r.set(column, rec.Cells[column])
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return nil, "", 0, fmt.Errorf("no row of the CSV has a decision: write %s into its column", strings.Join(decidable, ", "))
	}
	return rows, hex.EncodeToString(sum[:8]), undecided, nil
}

// mostDecisions bounds a file of decisions.
const mostDecisions = 200 << 20

// columnsOf are the columns that a word takes. What else a row has is left alone: it says what was found.
func columnsOf(verb string) []string {
	switch verb {
	case wordLink:
		return []string{"account", "person", "use", "reason"}
	case wordDeclare:
		return []string{"account", "kind", "use", "owner", "purpose", "ends", "reason"}
	}
	return []string{"account", "person", "reason"}
}
