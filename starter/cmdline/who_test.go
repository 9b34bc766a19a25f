package cmdline

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/app"
	"gatehouse/internal/config"
)

// TestRecordsOfASourceThatIsNotConfigured: the command says which there are.
func TestRecordsOfASourceThatIsNotConfigured(t *testing.T) {
	t.Parallel()
	a := &app.App{Config: &config.Config{
		Workday: config.Workday{BaseURL: "https://wd.example"}, BambooHR: config.BambooHR{BaseURL: "https://acme.example"},
	}}
	require.NoError(t, KnownSource(a, "workday"))
	require.EqualError(t, KnownSource(a, "personio"), `no HR source "personio" is configured: write --source workday or --source bamboohr`)
}

// TestAKeyIsRecognisedAsPeopleWriteIt: a key, however it is spelt; what is a name or an address stays one.
func TestAKeyIsRecognisedAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"workday-21026", "WORKDAY-21026", " workday-21026 ", "workday:21026", "Workday/21026", "workday - 21026"} {
		require.Equal(t, "workday-21026", asKey(text), "%q", text)
	}
	for text, want := range map[string]string{
		"21024": "21024", " Ada Byron ": "Ada Byron", "ada@acme.example": "ada@acme.example", "Meyer-Landrut Lena": "Meyer-Landrut Lena",
		"workday-ada@acme.example": "workday-ada@acme.example", "sap-17": "sap-17",
	} {
		require.Equal(t, want, asKey(text))
	}
}

// TestTheUserFlagSaysWhatToWrite takes an id as it is shown and refuses anything else in plain words.
func TestTheUserFlagSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"100042": 100042, "onelogin/7": 7, " onelogin-8 ": 8} {
		var id int64
		require.NoError(t, userID{&id}.Set(text))
		require.Equal(t, want, id)
	}
	for _, text := range []string{"abc", "", "-5", "0", "12.5", "99999999999999999999"} {
		var id int64
		cmd := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return nil }}
		UserFlag(cmd, &id)
		cmd.SetArgs([]string{"--user=" + text})
		err := cmd.Execute()
		require.ErrorContains(t, err, "write the number that OneLogin shows for the user")
		require.NotContains(t, err.Error(), "strconv")
	}
}
