package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/sandbox/smtp"
	"gatehouse/test/kit"
)

// TestKilledAtTheMailServer: a process that is killed while it hands over an e-mail, before the server has taken it or after, leaves
// neither none nor two. One that was taken may come again, under the Message-ID that it had.
func TestKilledAtTheMailServer(t *testing.T) {
	for name, fault := range map[string]smtp.Fault{
		"at the recipient": {Command: "RCPT"}, "at the text": {Command: "."}, "once it is taken": {Command: ".", After: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mails := kit.MailServer(t, smtp.Options{})
			h := newHouse(t)
			h.mailBy(mails)
			h.edit(func(policy string) string {
				return strings.Replace(policy, "\nmodes:", "\nmessages: {default: mail}\nmodes:", 1)
			})
			fault.Then = func() {
				h.kill()
				h.start()
			}
			mails.Fail(fault)
			_, err := h.sandbox.HR(t.Context(), "bamboohr", "terminate", "101", control.Fields{"last_day": "today"}, true)
			require.NoError(t, err)
			h.start()
			h.hint("bamboohr-101")
			require.Equal(t, "access ended", h.outcome("bamboohr-101"))

			told := mails.To(kit.MailSecurity)
			require.Len(t, told, 1, "one Message-ID")
			require.LessOrEqual(t, told[0].Arrivals, 2)
			require.Contains(t, told[0].Text, "Person: bamboohr-101\n")
			require.Equal(t, map[string]int{"jira.create_issue": 1}, h.effects([]string{"jira.create_issue", "slack.chat.postMessage"}))
		})
	}
}

// mailBy has the house send e-mails by a server.
func (h *house) mailBy(s *smtp.Server) {
	h.t.Helper()
	file := filepath.Join(h.dir, "gatehouse.yaml")
	data, err := os.ReadFile(file)
	require.NoError(h.t, err)
	require.NoError(h.t, os.WriteFile(filepath.Join(h.dir, "ca.pem"), s.CA, 0o600))
	var kept []string
	for _, line := range strings.SplitAfter(string(data), "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "sender:") {
			kept = append(kept, line)
		}
	}
	text := strings.Join(kept, "") + fmt.Sprintf("\nmail: {it: %s, security: %s, smtp: {host: %s, port: %d, username: %s, password: %s, from: %s, ca_file: ca.pem}}\n",
		kit.MailIT, kit.MailSecurity, s.Host(), s.Port(), smtp.Username, smtp.Password, kit.MailFrom)
	require.NoError(h.t, os.WriteFile(file, []byte(text), 0o600))
}
