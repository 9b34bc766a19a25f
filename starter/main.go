// Command starter serves the gateway and starts or steers runs by hand.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"gatehouse/internal/cli"
	"gatehouse/starter/accounts"
	"gatehouse/starter/agents"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/decide"
	"gatehouse/starter/orders"
	"gatehouse/starter/show"
	"gatehouse/starter/sign"
	"gatehouse/starter/sponsor"
)

func main() { os.Exit(cli.Main(command())) }

func command() *cobra.Command {
	p := &cmdline.Program{}
	root := &cobra.Command{
		Use: "starter", Short: "Serve the gateway, and start or steer runs by hand",
	}
	cli.ConfigFlag(root, &p.Config)
	root.AddCommand(
		serve(p), orders.Reassess(p), orders.Offboard(p), orders.Order(p), orders.Release(p), show.Plan(p), decide.Decide(p), sign.Key(),
		sign.Login(p), show.Status(p), show.List(p), decide.Holds(p), decide.Records(p), show.Evidence(p), accounts.Account(p), accounts.Unlink(p, "unlink-account"),
		decide.Policy(p), orders.Review(p), orders.MFA(p), codecServer(p), accounts.Adopt(p), decide.Attention(p), decide.Authorise(p), show.Doctor(p),
		show.Show(p), show.Systems(p), orders.Sweep(p), show.Templates(p), agents.Agents(p), sponsor.Sponsor(p), cli.ExitCodes(),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	withOutput(root)
	withExamples(root)
	completion{p}.withCompletion(root)
	return cli.Prepared(root)
}
