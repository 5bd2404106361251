using System.Net;
using System.Net.Sockets;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Tests.Supervision;

public sealed class Ports_of_a_sandbox
{
    [Fact]
    public void Are_named_when_taken_with_the_way_out()
    {
        using var squatter = new TcpListener(IPAddress.Any, 0);
        squatter.Start();
        var port = ((IPEndPoint)squatter.LocalEndpoint).Port;

        var refusal = Should.Throw<SandboxException>(() => Ports.Claim(port, "the API's"));

        refusal.Message.ShouldContain($"Port {port} (the API's) is taken");
        refusal.Message.ShouldContain("./run --port 0");
    }

    [Fact]
    public void Are_free_ones_for_0()
    {
        Ports.Claim(0, "the API's").ShouldBeGreaterThan(1023);
    }
}
