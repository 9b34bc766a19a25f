// Package adversary has a hostile client speak to a real agents' server: with a real worker, a Temporal server, and the simulated
// vendors behind it. A session is one client with a token of an agent, good or not, that makes some moves in a row; which, is said by
// the seed. The client follows every instruction that it finds in an answer, and confirms whatever it is asked.
//
// What is held does not depend on what the server says of itself:
//
//   - the vendors' journal has no effect that nobody approved
//   - no byte of any answer has a value of an attribute that the agent may not see, or of somebody whom a rule keeps from it
//   - every call that was answered, and every refusal, is a row of agent_calls
//
// SESSIONS says how many are played (100), SEED which.
package adversary
