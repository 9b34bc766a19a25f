package replay

import (
	"os"
	"testing"

	"gatehouse/test/kit"
)

// TestMain starts a Temporal server only where one is needed: replaying needs none.
func TestMain(m *testing.M) {
	if recording() {
		kit.Main(m)
	}
	os.Exit(m.Run())
}

func recording() bool { return os.Getenv("GATEHOUSE_RECORD") == "1" }
