using System.Net;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Paying_a_session
{
    [Fact]
    public async Task With_a_good_card_tells_in_the_order_of_real_logs()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var session = await sandbox.SessionAsync();
        session["payment_intent"].ShouldBeNull();

        var paid = await sandbox.PayAsync(session);

        paid.Status.ShouldBe(HttpStatusCode.OK, paid.Text);
        await sandbox.AdvanceAsync("PT2M");
        (await sandbox.EventTypesAsync()).ShouldBe(
        [
            "product.created", "price.created", "charge.succeeded", "payment_intent.succeeded", "payment_intent.created",
            "checkout.session.completed", "charge.updated",
        ]);
        await sandbox.Receiver.WaitForAsync(7);
    }
}
