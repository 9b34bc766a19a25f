package doctor

import (
	"context"

	"gatehouse/internal/app"
)

// holdsNothing reports that this machine is none of a worker: it lacks the credential of OneLogin, so that what else it lacks says
// nothing about the company.
func (d *Doctor) holdsNothing() bool { return d.App.Config.OneLogin.ClientSecret == "" }

func (d *Doctor) withoutSlack() bool { return !d.App.Config.Slack.Configured() && !d.holdsNothing() }

// mail connects to the mail server and signs in, and sends nothing.
func (d *Doctor) mail(ctx context.Context, r *report) {
	cfg := d.App.Config.Mail
	switch {
	case !cfg.SMTP.Configured() && d.App.Config.Google.Configured():
		r.fine("Gmail sends it; nothing is asked here")
		return
	case !cfg.SMTP.Configured() && d.holdsNothing():
		r.unknown(elsewhere, noCredential)
		return
	case !cfg.SMTP.Configured():
		r.fine("none is configured; GH-D36 says what is done instead")
		return
	case cfg.SMTP.Username != "" && cfg.SMTP.Password == "":
		r.unknown(elsewhere, noCredential)
		return
	}
	client, err := d.App.SMTP()
	if err != nil {
		r.failure("correct mail.smtp in the configuration", "%v", err)
		return
	}
	err = bounded(ctx, func(ctx context.Context) error { return client.Check(ctx, cfg.SMTP.From) })
	if err != nil {
		r.failure("see that mail.smtp is right, and that the server lets the account send as mail.smtp.from", "no e-mail is sent: %v", err)
		return
	}
	r.fine("the mail server takes the sign-in, and e-mails from mail.smtp.from")
}

// missing says what is done for want of each system that the company goes without.
func (d *Doctor) missing(_ context.Context, r *report) {
	if d.holdsNothing() {
		r.unknown(elsewhere, "this machine is none of a worker")
		return
	}
	for _, i := range app.InsteadOf(d.App.Config) {
		r.fine("no %s: %s", i.Missing, i.Does)
	}
	if len(r.all) == 0 {
		r.fine("nothing: Slack, e-mail, Jira, PagerDuty and Google are there")
	}
}
