// Package smtp hands e-mails to a mail server.
//
//	Client ──► go-mail/smtp ──► TLS ──► the company's mail server ──► whoever reads it
//	   ▲                                        │
//	   └── *connectors.Error ◄── reply 4xx, 5xx ┘  by the command that was answered with it
//
// What a reader would not guess about SMTP, and what this package does about it:
//
//   - A reply of 4xx means later, one of 5xx never. Which of the commands was refused says whose fault it is: that of the
//     credential, the sender, the recipient or the text. A server's own words may quote addresses, and stay out of errors.
//   - A server that has taken the text and whose reply is lost has sent the e-mail. There is nothing to ask it by, so that it is
//     handed over again, with the same Message-ID, by which the recipient's server knows it. Source: RFC 5321, section 4.5.3.2.6.
//   - STARTTLS is an offer that somebody in between can strike out. It is required here: without it nothing is sent.
//   - "250" after the text is the end of the matter. What the server says to QUIT afterwards changes nothing.
package smtp
