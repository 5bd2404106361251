using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Payments.Api.Tests.Edge;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Cards;

public sealed class LoggedWorld : World
{
    public CapturedLogs Captured { get; } = new();

    protected override ILoggerProvider Logs => Captured;
}

public sealed class A_card_number(LoggedWorld world) : IClassFixture<LoggedWorld>
{
    [Theory]
    [InlineData("payments/methods", """{ "paymentMethodId": "pm_1", "card": { "number": "4000056655665556", "exp_month": 8, "exp_year": 2030, "cvc": "737" } }""")]
    [InlineData("payments/methods", """{ "number": "4000056655665556", "cvc": "737" }""")]
    [InlineData("payments/methods", """{ "paymentMethodId": "4000056655665556" }""")]
    [InlineData("payments/setup-intent", """{ "card": "4000056655665556" }""")]
    [InlineData("payments/methods/pm_1/default", """{ "cvc": "737", "number": "4000056655665556" }""")]
    [InlineData("payments/customer-portal", """{ "number": 4000056655665556 }""")]
    public async Task Is_refused_and_stays_nowhere(string path, string body)
    {
        using var ada = world.NewUser();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/v1/{path}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "card-number");
        using var answer = await ada.Http.SendAsync(request);

        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
        text.ShouldNotContain("4000056655665556");
        text.ShouldNotContain("737\"");
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.idempotency_keys WHERE encode(body, 'escape') LIKE '%4000056655665556%'")).ShouldBe(0);
        world.Captured.Lines.ShouldNotBeEmpty();
        world.Captured.All.ShouldNotContain("4000056655665556");
    }
}
