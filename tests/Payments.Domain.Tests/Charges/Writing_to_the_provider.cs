using Payments.Domain.Payments.Gateway;

namespace Payments.Domain.Tests.Charges;

public sealed class Writing_to_the_provider
{
    private static readonly DateTimeOffset Now = new(2026, 7, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Subject = new("a0000000-0000-4000-8000-000000000001");

    [Fact]
    public void sends_the_first_try_under_a_key_of_our_own_id() =>
        new GatewayRequest(Subject, "POST /v1/checkout/sessions", "mode=payment", Now).IdempotencyKey.ShouldBe($"{Subject}:1");

    [Fact]
    public void sends_a_new_try_under_the_next_key()
    {
        var request = new GatewayRequest(Subject, "open", "a=1", Now);

        request.Renew("open", "a=2", Now.AddHours(30));

        request.IdempotencyKey.ShouldBe($"{Subject}:2");
        request.Attempt.ShouldBe(2);
        request.Body.ShouldBe("a=2");
        request.PreparedAt.ShouldBe(Now.AddHours(30));
        request.IsStale(Now.AddHours(31)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(22.9, false)]
    [InlineData(23, false)]
    [InlineData(23.001, true)]
    [InlineData(24, true)]
    public void trusts_a_key_for_23_hours(double hours, bool stale) =>
        new GatewayRequest(Subject, "open", "", Now).IsStale(Now.AddHours(hours)).ShouldBe(stale);
}
