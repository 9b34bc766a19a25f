// Package target says what a system in which people have access can be asked to do: each capability is an interface of its
// own, with its contract in its comment. A system implements those that it has, and has a simulation behind which the
// conformance kit tests each of them.
//
//	activities/account ──► target.Suspender, … ◄── an adapter in the system's connector ──► its client ──► the vendor
//
// What holds for all of them:
//
//   - An account is named by the id that its system gives it, as a text. An id that the system cannot have is an error of
//     connectors.KindInvalid, and nothing is sent.
//   - Every error is a connectors.Error. KindNotFound means that the system itself says that there is no such account: not a
//     proxy, a wrong address or a page that is being replaced. Even so, one such answer is no proof; it is asked twice
//     before anybody believes that an account is gone.
//   - KindRateLimited, KindUnavailable and KindMalformed may have been carried out or not: the same request may be repeated
//     as it is. KindInvalid, KindConflict, KindNotFound and KindRefused are final: repeating them changes nothing.
//   - What a write returns is what the system answered. That it took effect, and stayed, is proven by a Read after it and by
//     nothing else.
//   - A protected account is refused, with KindRefused and before anything is written, unless the request says that its
//     protection is lifted.
//   - What ends access is always sent, whatever is left of a quota.
package target
