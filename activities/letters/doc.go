// Package letters sends e-mails: each once, by the company's mail server or, through gsuite, by Gmail. It knows nothing of people or
// reviews.
package letters
