// Package replay proves that today's workflow code still fits the runs that are open: it replays histories that were
// recorded from real runs, and fails where the code would now decide otherwise.
//
//	testdata/histories/<Workflow>/<scenario>.json
//
// A history is recorded once and then kept: a file that stops replaying means that runs of that kind, open in some
// tenant, would break at the next deploy. Keep the old behaviour behind workflow.GetVersion, and record the new one under
// a new scenario. A file may be deleted only when no run of its age can be open any more.
//
// What a run hands over is compared as well (TestInputs): Temporal itself compares types and ids only.
//
// Three ways to run it:
//
//	go test ./test/replay/...                                  replays what was recorded; needs no server
//	GATEHOUSE_RECORD=1 go test -run TestRecord ./test/replay/  records; needs bin/temporal, never overwrites
//	REPLAY_FROM=host:port go test -run TestReplayOpenRuns ...  replays the open runs of a server, before a deploy
//
// GATEHOUSE_RECORD_DIR names another directory to record into and to replay from.
package replay
