package review

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/activities/gsuite"
	"gatehouse/activities/step"
	"gatehouse/ledger/reviews"
)

const (
	// mailPage is how many managers are written to between two commits.
	mailPage = 20
	// mailTable is how many people one e-mail lists; the rest of a larger team is in the spreadsheet.
	mailTable = 200
	// mailAtOnce is how many e-mails are under way at a time.
	mailAtOnce = 4
	stepMail   = "mail"
)

// mailPlace is where the e-mails go on.
type mailPlace struct {
	After int64 `json:"after"`
	Sent  int64 `json:"sent"`
	// Refused counts those of them that nobody could be sent.
	Refused int64 `json:"refused,omitempty"`
}

// Mail tells compliance that the review is ready, with the link and the headline numbers.
func (r *Review) Mail(ctx context.Context, in api.ReviewInput) error {
	return r.mail(ctx, in.Campaign)
}

func (r *Review) mail(ctx context.Context, key string) error {
	w, err := r.writer(ctx, key)
	if err != nil {
		return err
	}
	step.Beat(ctx)
	tab := w.tabs[0]
	at, _, err := r.Ledger.Review().Step(ctx, key, writeStep(tab))
	if err != nil {
		return err
	}
	var written writePlace
	if err := step.ReadPlace(at, &written); err != nil {
		return err
	}
	c := w.campaign.Counts
	table := [][]string{
		{"What", "How many"},
		{"Accounts under review", strconv.FormatInt(c.Users, 10)},
		{"Roles that they have", strconv.FormatInt(c.Memberships, 10)},
	}
	for _, k := range findingKinds() {
		table = append(table, []string{k.title, strconv.FormatInt(c.ByKind[k.kind], 10)})
	}
	table = append(table, []string{"Second factor not known", strconv.FormatInt(c.ByMFA[mfaUnknown], 10)})
	_, err = r.Gmail.Deliver(ctx, gsuite.Letter{
		OnceKey: "access-review/" + key + "/compliance", To: r.Policy().Review().Compliance,
		Subject: "Access review " + key + " is ready",
		Paragraphs: []string{
			fmt.Sprintf("The access review %s is ready. It shows the state as of %s and does not change any more.", key, instantText(w.campaign.FrozenAt)),
			"Decide in the tabs Findings and Access: keep, remove or unsure, with your name and the date. Managers get an e-mail " +
				"about their own people.",
		},
		Table: table, Link: r.Sheets.URL(written.Book, tab.SheetID), LinkText: "Open the review",
	})
	return err
}

// MailManagers writes to each manager about their own people, once, and to the fallback owner about people who have no
// manager to ask: none at all, one who has left or whose account is closed, or themselves. Then the campaign is finished.
func (r *Review) MailManagers(ctx context.Context, in api.ReviewInput) (api.ReviewMailed, error) {
	mailed, err := r.mailManagers(ctx, in.Campaign)
	return mailed, err
}

func (r *Review) mailManagers(ctx context.Context, key string) (api.ReviewMailed, error) {
	w, err := r.writer(ctx, key)
	if err != nil {
		return api.ReviewMailed{}, err
	}
	var place mailPlace
	for {
		at, done, err := r.Ledger.Review().Step(ctx, key, stepMail)
		if err != nil {
			return api.ReviewMailed{}, err
		}
		place = mailPlace{}
		if err := step.ReadPlace(at, &place); err != nil {
			return api.ReviewMailed{}, err
		}
		if done {
			break
		}
		step.Beat(ctx, place.Sent)
		sent, refused, last, err := w.mailNext(ctx, place.After)
		if err != nil {
			return api.ReviewMailed{}, err
		}
		place.After, place.Sent, place.Refused = last, place.Sent+sent, place.Refused+refused
		move, err := moveTo(stepMail, at, place, sent == 0)
		if err != nil {
			return api.ReviewMailed{}, err
		}
		if err := r.Ledger.Review().Move(ctx, key, move); err != nil {
			return api.ReviewMailed{}, err
		}
	}
	unmanaged, err := w.fallback(ctx)
	if err != nil && !refusesOne(err) {
		return api.ReviewMailed{}, err
	}
	if err != nil {
		place.Refused++
	}
	return api.ReviewMailed{Managers: place.Sent, Unmanaged: int64(unmanaged), Refused: place.Refused}, r.Ledger.Review().Finish(ctx, key)
}

// mailNext writes to the next managers after an id, and returns how many that were, how many of the e-mails nobody could be
// sent, and who was the last. One that is refused stops no other.
func (w *writer) mailNext(ctx context.Context, after int64) (sent, refused, last int64, err error) {
	managers, err := w.Ledger.Review().Managers(ctx, w.campaign.Key, hrLeft, after, mailPage)
	if err != nil || len(managers) == 0 {
		return 0, 0, after, err
	}
	who, err := w.Ledger.Review().Identities(ctx, w.campaign.Key, managers)
	if err != nil {
		return 0, 0, after, err
	}
	var lost atomic.Int64
	var group errgroup.Group
	group.SetLimit(mailAtOnce)
	for _, id := range managers {
		group.Go(func() error {
			step.Beat(ctx, id)
			err := w.teamLetter(ctx, id, who[id])
			if err == nil || !refusesOne(err) {
				return err
			}
			lost.Add(1)
			return nil
		})
	}
	err = group.Wait()
	return int64(len(managers)), lost.Load(), managers[len(managers)-1], err
}

// teamLetter writes to a manager about their own people. Where no e-mail can go to the manager, somebody has to pass it
// on: the review is frozen, so that correcting the address would not help it any more.
func (w *writer) teamLetter(ctx context.Context, id int64, manager reviews.Identity) error {
	people, total, err := w.Ledger.Review().Reports(ctx, w.campaign.Key, id, mailTable)
	if err != nil {
		return err
	}
	team, err := w.team(ctx, people)
	if err != nil {
		return err
	}
	letter := gsuite.Letter{
		OnceKey: fmt.Sprintf("access-review/%s/manager/%d", w.campaign.Key, id), To: manager.Email,
		Subject:    fmt.Sprintf("Access review %s: your team", w.campaign.Key),
		Paragraphs: w.teamText(total), Table: team,
	}
	why := "has no e-mail address that can be written to"
	if gsuite.Deliverable(letter.To) {
		if _, err = w.Gmail.Deliver(ctx, letter); err == nil || !refusesOne(err) {
			return err
		}
		letter.OnceKey += "/passed-on"
		why = "has an e-mail address that Google refuses to write to"
	}
	letter.To = w.Policy().Leaver().FallbackOwner
	letter.Paragraphs = append([]string{fmt.Sprintf("This is for %s, whose account %s. Please pass it on.",
		cmp.Or(manager.Name, manager.Username, fmt.Sprintf("OneLogin user %d", id)), why)}, letter.Paragraphs...)
	_, err = w.Gmail.Deliver(ctx, letter)
	return err
}

func (w *writer) teamText(total int) []string {
	text := []string{
		fmt.Sprintf("This is the access that the people who report to you had as of %s. Please check whether they still need it, and "+
			"answer to %s with what is to be removed.", instantText(w.campaign.FrozenAt), w.Policy().Review().Compliance),
	}
	if total > mailTable {
		text = append(text, fmt.Sprintf("%d people report to you; the first %d are listed here.", total, mailTable))
	}
	return text
}

// team lists people with their roles and what was found about them.
func (w *writer) team(ctx context.Context, people []reviews.Access) ([][]string, error) {
	ids := make([]int64, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	findings, err := w.Ledger.Review().FindingsOf(ctx, w.campaign.Key, ids)
	if err != nil {
		return nil, err
	}
	table := [][]string{{"Name", "Account", "Roles", "Last sign-in", "Findings"}}
	for _, p := range people {
		var roles, found []string
		for _, m := range p.Members {
			roles = append(roles, nameOf(w.catalog, reviews.NameRole, m.RoleID))
		}
		for _, f := range findings[p.ID] {
			found = append(found, strings.TrimSuffix(findingTitle(f.Kind)+": "+f.Item, ": "))
		}
		table = append(table, []string{
			p.Name, cmp.Or(p.Username, p.Email), strings.Join(roles, ", "), signIn(p.LastLogin), strings.Join(found, "; "),
		})
	}
	return table, nil
}

// fallback tells the fallback owner about the people whom no manager's e-mail covers, and returns how many they are.
func (w *writer) fallback(ctx context.Context) (int, error) {
	people, total, err := w.Ledger.Review().Unmanaged(ctx, w.campaign.Key, hrLeft, mailTable)
	if err != nil || total == 0 {
		return 0, err
	}
	team, err := w.team(ctx, people)
	if err != nil {
		return 0, err
	}
	text := []string{
		fmt.Sprintf("%d accounts have no manager who could be asked about them: none at all, one who has left, or themselves. Please check "+
			"whether they are still needed, and answer to %s with what is to be removed. State as of %s.", total,
			w.Policy().Review().Compliance, instantText(w.campaign.FrozenAt)),
	}
	if total > mailTable {
		text = append(text, fmt.Sprintf("The first %d are listed here; the others are in the spreadsheet.", mailTable))
	}
	_, err = w.Gmail.Deliver(ctx, gsuite.Letter{
		OnceKey: "access-review/" + w.campaign.Key + "/fallback", To: w.Policy().Leaver().FallbackOwner,
		Subject: fmt.Sprintf("Access review %s: accounts without a manager", w.campaign.Key), Paragraphs: text, Table: team,
	})
	return total, err
}
