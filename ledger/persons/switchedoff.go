package persons

// switches are those that stop what an agent's order o asks for.
const switches = "FROM agent_switches w WHERE o.agent <> '' AND w.scope IN ('all', 'agent/' || o.agent, 'tool/' || o.tool)"

// offBy is by which switch an order o is stopped, a column of a query.
const offBy = "COALESCE((SELECT MAX(w.scope) " + switches + "), '')"

// isOff is true of an order o that a switch stops.
const isOff = "EXISTS (SELECT 1 " + switches + ")"
