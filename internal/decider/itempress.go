package decider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// PressReason is the reason of what somebody says by a button.
const PressReason = "pressed a button in Slack"

// ItemPress is the value of the buttons under a message about an item. It names the item as it was told and the question that the
// answers are for, so that a press of one counts for nothing else.
func ItemPress(i worklist.Item, q Question) string {
	next := sha256.Sum256([]byte(i.Next))
	return strings.Join([]string{
		api.ItemButtons(i.ID), strconv.FormatInt(i.RaisedAt.UnixMicro(), 10), hex.EncodeToString(q.digest()[:16]), hex.EncodeToString(next[:4]),
	}, "/")
}

// pressed is an item press taken apart: the item, when it was raised, and the question.
type pressed struct{ run, raised, question string }

func pressedItem(value string) (pressed, bool) {
	parts := strings.Split(value, "/")
	if len(parts) != 5 {
		return pressed{}, false
	}
	return pressed{run: parts[0] + "/" + parts[1], raised: parts[2], question: parts[3]}, true
}

// Presses reports that somebody may press buttons about items: the policy names them by their Slack user, and this worker can tell a
// press from a forgery.
func (j *Judge) Presses() bool {
	return j.Slack != "" && slices.ContainsFunc(j.People(), func(d policy.Decider) bool { return d.Slack != "" })
}

// Presser is whom the policy names for a Slack user, or why it is nobody.
func (j *Judge) Presser(user string) (policy.Decider, error) {
	people := j.People()
	at := slices.IndexFunc(people, func(d policy.Decider) bool { return d.Slack != "" && d.Slack == user })
	if at < 0 {
		return policy.Decider{}, fmt.Errorf("no entry of deciders.people in the policy has slack: %s. Have yours say it, or use the command in the message", user)
	}
	return people[at], nil
}

// byPress says who has said something by a button under a message about an item, or why it does not count.
func (j *Judge) byPress(s said, c api.Click, verb string, fits func(pressed) bool, reason string) (policy.Decider, error) {
	nobody := policy.Decider{}
	about, ours := pressedItem(c.Approval)
	switch {
	case len(j.People()) == 0:
		return nobody, errors.New("the policy names nobody who may decide (deciders.people): buttons about items count for nothing")
	case j.Slack == "":
		return nobody, errors.New("this worker cannot tell a press from a forgery: give it gateway.slack_signing_secret, as the gateway has it")
	case !ours || !hmac.Equal(c.Vouch, Vouch(j.Slack, about.run, c)):
		return nobody, errors.New("the gateway does not vouch for this press: it was changed, or gateway and worker have different values of gateway.slack_signing_secret")
	case c.Verb != verb || !fits(about) || reason != PressReason:
		return nobody, fmt.Errorf("the press was of another button: %w", ErrUnfit)
	}
	if old := j.Clock().Sub(c.At); old > s.within || old < -fresh {
		return nobody, fmt.Errorf("the button was pressed %s away from the worker's time: press again", old.Round(time.Second))
	}
	who, err := j.Presser(c.UserID)
	if err != nil {
		return nobody, err
	}
	if s.by != who.Address {
		return nobody, fmt.Errorf("the button was pressed by %s, and it says that %s did", who.Address, s.by)
	}
	if s.unnamed {
		return nobody, errors.New("a press names the question that it answers")
	}
	return who, mayAbout(who, s.scope)
}

// decisionByPress judges an answer to a question that was given by a button.
func (j *Judge) decisionByPress(workflowID string, d api.Decision) error {
	q := Question{Workflow: workflowID, Step: d.Step, Item: d.Item, Code: d.Code}
	fits := func(p pressed) bool { return p.question == hex.EncodeToString(q.digest()[:16]) }
	s := said{by: d.By, within: fresh, scope: Scope(d.Verb, d.Code), unnamed: d.Item == "" || d.Code == ""}
	_, err := j.byPress(s, *d.Proof.Press, d.Verb, fits, d.Reason)
	return err
}

// TakenByPress judges that somebody has taken an item by a button. It may be a day on its way.
func (j *Judge) TakenByPress(i worklist.Item, by, reason string, c api.Click) (policy.Decider, error) {
	fits := func(p pressed) bool {
		return p.run == api.ItemButtons(i.ID) && p.raised == strconv.FormatInt(i.RaisedAt.UnixMicro(), 10)
	}
	return j.byPress(said{by: by, within: carriedFor}, c, policies.WordTake, fits, reason)
}
