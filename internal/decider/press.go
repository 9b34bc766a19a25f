package decider

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/internal/httpx"
	"gatehouse/policy"
)

// Vouch is the gateway's word that Slack has signed a press of a button for a run. The secret is Slack's signing secret: whoever
// has that can forge what Slack says anyway.
func Vouch(secret httpx.Secret, workflowID string, c api.Click) []byte {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write(statement(c.At, []string{
		"gatehouse press 1", workflowID, c.Approval, c.Step, c.Item, c.Verb, c.UserID, c.TeamID,
	}))
	return mac.Sum(nil)
}

// Press says why a press of a button does not count, nil if it does. Where the policy names who may decide it is that of one
// of them, by their Slack user.
func (j *Judge) Press(workflowID string, c api.Click) error {
	people := j.People()
	switch {
	case j.Slack == "" && len(people) == 0:
		return nil
	case j.Slack == "":
		return errors.New("the policy names who may decide (deciders.people), and this worker cannot tell a press from a forgery: give it " +
			"gateway.slack_signing_secret, as the gateway has it. Until then use `starter decide`")
	case !hmac.Equal(c.Vouch, Vouch(j.Slack, workflowID, c)):
		return errors.New("the gateway does not vouch for this press: it was changed, or gateway and worker have different values of gateway.slack_signing_secret")
	}
	if old := j.Clock().Sub(c.At); old > fresh || old < -fresh {
		return fmt.Errorf("the button was pressed %s away from the worker's time: set the clocks right and press again", old.Round(time.Second))
	}
	if len(people) == 0 {
		return nil
	}
	at := slices.IndexFunc(people, func(d policy.Decider) bool { return d.Slack != "" && d.Slack == c.UserID })
	if at < 0 {
		return fmt.Errorf("the policy names who may decide, and no entry of deciders.people has slack: %s. Have yours say it, or use `starter decide`", c.UserID)
	}
	scope := Scope(c.Verb, "")
	if strings.HasPrefix(workflowID, api.AgentRequests) {
		scope = policy.MayAgent
	}
	return mayAbout(people[at], scope)
}
