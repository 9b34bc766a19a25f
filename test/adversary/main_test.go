package adversary

import (
	"testing"

	"gatehouse/test/kit"
)

func TestMain(m *testing.M) { kit.Main(m) }
