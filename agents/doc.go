// Package agents is the MCP server through which agents ask and act. It holds no vendor credential: reading tools answer from the
// ledger's inventory, writing tools file a request.
//
// Each call has an identity (an agent of the policy, which belongs to a person), a verdict (a rule of the policy, default deny) and
// a record. An answer leaves only after its record is written. Text that came from HR, tickets or events is data: control characters
// are taken out of it, it is clipped, and the answer says that it is no instruction.
package agents
