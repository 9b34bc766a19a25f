package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

func TestWhatCarriesAMessage(t *testing.T) {
	t.Parallel()
	const rest = `company: {zone: Europe/Berlin, domain: acme.example}
access: {rules: [{name: everyone, when: "true", roles: [Everyone]}]}
leaver: {fallback_owner: it@acme.example}
`
	parse := func(messages string) *policy.Policy {
		p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(rest+messages)))
		require.NoError(t, err)
		return p
	}
	silent := parse("")
	require.Empty(t, silent.Channel("incident"))
	for _, has := range [][2]bool{{true, true}, {true, false}, {false, true}} {
		require.NoError(t, silent.CheckChannels(has[0], has[1]), "who says nothing has what there is")
	}

	p := parse("messages: {default: mail, kinds: {incident: both, ticket: slack}}\n")
	require.Equal(t, policy.ChannelBoth, p.Channel("incident"))
	require.Equal(t, policy.ChannelSlack, p.Channel("ticket"))
	require.Equal(t, policy.ChannelMail, p.Channel("joiner_it"))
	require.NoError(t, p.CheckChannels(true, true))
	require.EqualError(t, p.CheckChannels(false, true), "policy.yaml:4:45: messages.kinds.incident is both, and this company has no Slack: write mail, or set slack in gatehouse.yaml\n"+
		"policy.yaml:4:59: messages.kinds.ticket is slack, and this company has no Slack: write mail, or set slack in gatehouse.yaml")
	require.ErrorContains(t, p.CheckChannels(true, false), "messages.default is mail, and nothing can be sent by e-mail: write slack, or set mail.it, mail.security and mail.smtp in gatehouse.yaml")
}
