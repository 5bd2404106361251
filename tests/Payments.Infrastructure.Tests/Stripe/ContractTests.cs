using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Webhooks;
using Payments.Domain.Shared;
using Payments.Sandbox.Stripe;

namespace Payments.Infrastructure.Tests.Stripe;

/// <summary>The adapter and the simulator, each judged by Stripe's own description elsewhere, understand each other.</summary>
public sealed class The_gateway_with_the_simulator : IAsyncLifetime, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Currency Usd = Currency.Of("usd");

    private readonly PaymentId payment = new(Guid.NewGuid());
    private readonly UserId user = new(Guid.NewGuid());
    private StripeSimulator simulator = null!;
    private ScriptedStripe receiver = null!;
    private GatewayUnderTest under = null!;
    private HttpClient direct = null!;

    private IPaymentGateway Gateway => under.Gateway;

    public async Task InitializeAsync()
    {
        receiver = await ScriptedStripe.StartAsync(ScriptedStripe.Answers(200, "{}"));
        var options = new StripeSimulatorOptions { WebhookUrl = new Uri(receiver.Address + "/webhook"), BalanceDelay = TimeSpan.FromMilliseconds(100), DebitDelay = TimeSpan.FromMilliseconds(100) };
        simulator = await StripeSimulator.StartAsync(options);
        direct = new HttpClient { BaseAddress = simulator.Address, DefaultRequestHeaders = { { "Authorization", $"Bearer {simulator.SecretKey}" } } };
        under = Under(simulator.Address.AbsoluteUri);
    }

    public async Task DisposeAsync()
    {
        await simulator.DisposeAsync();
        await receiver.DisposeAsync();
    }

    public void Dispose()
    {
        under.Dispose();
        direct.Dispose();
    }

    [Fact]
    public async Task creates_updates_and_finds_a_customer()
    {
        var call = Gateway.PrepareCustomer(new NewCustomer(user, "ada+test@example.com", "Ada & Söhne"));
        var made = await Gateway.CreateCustomerAsync(call, "customer-1", None);

        made.ShouldBe(new CustomerState(made.CustomerId, user, "ada+test@example.com", "Ada & Söhne", false));
        (await Gateway.CreateCustomerAsync(call, "customer-1", None)).ShouldBe(made);
        (await Gateway.FindCustomerAsync(user, "ada+test@example.com", None)).ShouldBe(made);
        (await Gateway.FindCustomerAsync(user, null, None)).ShouldBe(made);
        (await Gateway.FindCustomerAsync(new UserId(Guid.NewGuid()), "ada+test@example.com", None)).ShouldBeNull();
        (await Gateway.UpdateCustomerAsync(made.CustomerId, "ada@example.org", null, "customer-1-update", None)).ShouldBe(made with { Email = "ada@example.org" });
    }

    [Fact]
    public async Task opens_a_session_that_is_paid_and_tells_it_in_webhooks()
    {
        var opened = await OpenAsync(await CustomerAsync());

        (opened.Status, opened.PaymentStatus, opened.Subtotal, opened.Total, opened.PaymentId, opened.IntentId).ShouldBe(
            (CheckoutStatus.Open, CheckoutPaymentStatus.Unpaid, new Money(5997, Usd), new Money(5997, Usd), payment, null));
        opened.Url.ShouldNotBeNull();

        await PayAsync(opened, "pm_card_visa");
        var paid = await Gateway.GetCheckoutAsync(opened.SessionId, None);

        (paid.Status, paid.PaymentStatus, paid.Url).ShouldBe((CheckoutStatus.Complete, CheckoutPaymentStatus.Paid, null));
        (paid.Intent!.Status, paid.Intent.Received, paid.Intent.PaymentId).ShouldBe((IntentStatus.Succeeded, new Money(5997, Usd), payment));
        (paid.Intent.Charge!.Outcome, paid.Intent.Charge.CardBrand, paid.Intent.Charge.CardLast4, paid.Intent.Charge.IntentId).ShouldBe((ChargeOutcome.Succeeded, "visa", "4242", paid.IntentId));
        (await Gateway.GetChargeAsync(paid.Intent.ChargeId!, None)).ShouldBe(paid.Intent.Charge);
        (await Gateway.GetIntentAsync(paid.IntentId!, None)).ShouldBe(paid.Intent);
        (await Gateway.FindCheckoutAsync(paid.CustomerId!, payment, None)).ShouldBe(paid);
        (await Gateway.FindIntentAsync(paid.CustomerId!, payment, None)).ShouldBe(paid.Intent);
        (await Gateway.FindIntentAsync(paid.CustomerId!, new PaymentId(Guid.NewGuid()), None)).ShouldBeNull();
        (await Should.ThrowAsync<GatewayFailure>(() => Gateway.ExpireCheckoutAsync(opened.SessionId, "expire-paid", None))).Kind.ShouldBe(GatewayFailureKind.Conflict);

        var facts = await FactsAsync("checkout.session.completed", "payment_intent.succeeded", "charge.succeeded", "charge.updated", "customer.created");
        facts["checkout.session.completed"].ShouldBe(new CheckoutChanged(paid with { Intent = null }));
        facts["payment_intent.succeeded"].ShouldBe(new IntentChanged(paid.Intent with { Charge = null }));
        facts["charge.succeeded"].ShouldBe(new ChargeChanged(paid.Intent.Charge));
        facts["customer.created"].ShouldBeOfType<CustomerChanged>().State.UserId.ShouldBe(user);
    }

    [Fact]
    public async Task expires_a_session_once_and_for_all()
    {
        var opened = await OpenAsync(await CustomerAsync());

        (await Gateway.ExpireCheckoutAsync(opened.SessionId, "expire-1", None)).Status.ShouldBe(CheckoutStatus.Expired);
        (await Gateway.ExpireCheckoutAsync(opened.SessionId, "expire-2", None)).Status.ShouldBe(CheckoutStatus.Expired);

        (await FactsAsync("checkout.session.expired"))["checkout.session.expired"].ShouldBeOfType<CheckoutChanged>().State.Status.ShouldBe(CheckoutStatus.Expired);
    }

    [Fact]
    public async Task cancels_an_intent_once_and_for_all_unless_it_is_paid()
    {
        var customer = await CustomerAsync();
        var opened = await Gateway.OpenIntentAsync(Gateway.PrepareIntent(Intended(customer, null)), "intent-open", None);

        (await Gateway.CancelIntentAsync(opened.IntentId, "cancel-1", None)).Status.ShouldBe(IntentStatus.Canceled);
        (await Gateway.CancelIntentAsync(opened.IntentId, "cancel-2", None)).Status.ShouldBe(IntentStatus.Canceled);

        var paid = await Gateway.OpenIntentAsync(Gateway.PrepareIntent(Intended(customer, "pm_card_visa")), "intent-paid", None);
        paid.Status.ShouldBe(IntentStatus.Succeeded);
        (await Should.ThrowAsync<GatewayFailure>(() => Gateway.CancelIntentAsync(paid.IntentId, "cancel-3", None))).Kind.ShouldBe(GatewayFailureKind.Conflict);
    }

    [Fact]
    public async Task tells_a_decline_on_the_page_by_its_charge_and_intent()
    {
        var opened = await OpenAsync(await CustomerAsync());
        (await ConfirmAsync(opened, "pm_card_visa_chargeDeclinedInsufficientFunds")).ShouldBe(402);

        var facts = await FactsAsync("charge.failed", "payment_intent.payment_failed");

        facts["charge.failed"].ShouldBeOfType<ChargeChanged>().State.Decline!.Code.ShouldBe("insufficient_funds");
        facts["payment_intent.payment_failed"].ShouldBeOfType<IntentChanged>().State.LastFailure!.Decline.Code.ShouldBe("insufficient_funds");
        (await Gateway.GetCheckoutAsync(opened.SessionId, None)).Status.ShouldBe(CheckoutStatus.Open);
    }

    [Fact]
    public async Task takes_a_promotion_code_to_the_session()
    {
        await DirectAsync("/v1/coupons", "id=spring&percent_off=100&duration=once");
        var promotion = await DirectAsync("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=spring&code=SPRING26");

        var found = (await Gateway.FindPromotionCodeAsync("SPRING26", None))!;
        found.ShouldBe(new PromotionCode(promotion["id"]!.GetValue<string>(), "SPRING26"));
        (await Gateway.FindPromotionCodeAsync("autumn", None)).ShouldBeNull();

        var opened = await OpenAsync(await CustomerAsync(), checkout => checkout with { PromotionCodeId = found.Id });
        (opened.Subtotal, opened.Total, opened.Discount).ShouldBe((new Money(5997, Usd), Money.Zero(Usd), new Money(5997, Usd)));
        await PayAsync(opened, method: null);
        (await Gateway.GetCheckoutAsync(opened.SessionId, None)).PaymentStatus.ShouldBe(CheckoutPaymentStatus.NothingDue);
    }

    [Fact]
    public async Task opens_an_intent_for_a_page_of_ours()
    {
        var intent = await IntendAsync(await CustomerAsync(), method: null);

        (intent.Status, intent.PaymentId, intent.Amount, intent.Received, intent.LastFailure).ShouldBe(
            (IntentStatus.RequiresPaymentMethod, payment, new Money(1999, Usd), Money.Zero(Usd), null));
        intent.ClientSecret.ShouldNotBeNull().ShouldStartWith(intent.IntentId);
    }

    [Fact]
    public async Task charges_a_saved_card()
    {
        var intent = await IntendAsync(await CustomerAsync(), "pm_card_visa");

        (intent.Status, intent.Received).ShouldBe((IntentStatus.Succeeded, new Money(1999, Usd)));
        intent.Charge!.CardLast4.ShouldBe("4242");
    }

    [Theory]
    [InlineData("pm_card_visa_chargeDeclined", "generic_decline")]
    [InlineData("pm_card_visa_chargeDeclinedLostCard", "lost_card")]
    [InlineData("pm_card_chargeDeclinedExpiredCard", "expired_card")]
    public async Task takes_a_decline_of_a_saved_card_for_a_state(string method, string code)
    {
        var intent = await IntendAsync(await CustomerAsync(), method);

        (intent.Status, intent.Received, intent.PaymentId).ShouldBe((IntentStatus.RequiresPaymentMethod, Money.Zero(Usd), payment));
        intent.LastFailure!.Decline.Code.ShouldBe(code);
        intent.LastFailure.Decline.SafeMessage.ShouldNotContain("lost");
        intent.LastFailure.ChargeId.ShouldBe(intent.ChargeId);
        (await IntendAsync(intent.CustomerId!, method)).ShouldBe(intent, "the same key gives the same decline");
    }

    [Fact]
    public async Task hands_a_challenge_to_the_buyer()
    {
        var intent = await IntendAsync(await CustomerAsync(), "pm_card_authenticationRequired");

        (intent.Status, intent.LastFailure).ShouldBe((IntentStatus.RequiresAction, null));
        intent.ClientSecret.ShouldNotBeNull();
    }

    [Fact]
    public async Task makes_one_session_however_often_the_same_call_is_sent()
    {
        var customer = await CustomerAsync();
        var call = Gateway.PrepareCheckout(Wish(customer));

        var opened = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Gateway.OpenCheckoutAsync(call, "checkout-1", None)));

        opened.Distinct().Count().ShouldBe(1);
        var other = Gateway.PrepareCheckout(Wish(customer) with { Lines = [new CheckoutLine("100 credits", new Money(1999, Usd), 2)] });
        var failure = await Should.ThrowAsync<GatewayFailure>(() => Gateway.OpenCheckoutAsync(other, "checkout-1", None));
        (failure.Kind, failure.Code).ShouldBe((GatewayFailureKind.OurFault, "idempotency_error"));
    }

    [Fact]
    public async Task resolves_a_cut_after_the_effect_by_the_same_key()
    {
        var customer = await CustomerAsync();
        var call = Gateway.PrepareIntent(Intended(customer, "pm_card_visa"));
        await FaultAsync("""{ "api": { "cutAfterEffect": 1 } }""");

        (await Should.ThrowAsync<GatewayFailure>(() => Gateway.OpenIntentAsync(call, "intent-1", None))).Kind.ShouldBe(GatewayFailureKind.UnknownOutcome);
        await direct.DeleteAsync(new Uri("/sandbox/faults", UriKind.Relative));

        var found = await Gateway.FindIntentAsync(customer, payment, None);
        (await Gateway.OpenIntentAsync(call, "intent-1", None)).ShouldBe(found);
        found!.Status.ShouldBe(IntentStatus.Succeeded);
        (await DirectAsync($"/v1/charges?customer={customer}"))["data"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task charges_once_per_payment_however_bad_the_line_is()
    {
        var customer = await CustomerAsync();
        await FaultAsync("""{ "api": { "error": 0.2, "rateLimit": 0.1, "cutBeforeEffect": 0.1, "cutAfterEffect": 0.2 } }""");
        var payments = Enumerable.Range(0, 30).Select(_ => new PaymentId(Guid.NewGuid())).ToList();

        foreach (var one in payments)
        {
            var call = Gateway.PrepareIntent(Intended(customer, "pm_card_visa") with { PaymentId = one });
            for (var tries = 0; ; tries++)
            {
                try
                {
                    (await Gateway.OpenIntentAsync(call, $"{one}/intent", None)).Status.ShouldBe(IntentStatus.Succeeded);
                    break;
                }
                catch (GatewayFailure failure) when (failure.Kind is GatewayFailureKind.UnknownOutcome or GatewayFailureKind.Unavailable && tries < 50)
                {
                    // Settled by the same key, as the worker does it.
                }
            }
        }

        await direct.DeleteAsync(new Uri("/sandbox/faults", UriKind.Relative));
        var charges = (await DirectAsync($"/v1/charges?customer={customer}&limit=100"))["data"]!.AsArray();
        charges.Select(charge => charge!["metadata"]!["payment_id"]!.GetValue<string>()).Order(StringComparer.Ordinal).ShouldBe(payments.Select(one => one.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task says_what_is_missing()
    {
        (await Should.ThrowAsync<GatewayFailure>(() => Gateway.GetCheckoutAsync("cs_test_none", None))).Kind.ShouldBe(GatewayFailureKind.NotFound);

        var failure = await Should.ThrowAsync<GatewayFailure>(() => OpenAsync("cus_none"));
        (failure.Kind, failure.Parameter).ShouldBe((GatewayFailureKind.NotFound, "customer"));

        using var stranger = new GatewayUnderTest(simulator.Address.AbsoluteUri);
        (await Should.ThrowAsync<GatewayFailure>(() => stranger.Gateway.GetCheckoutAsync("cs_test_none", None))).Kind.ShouldBe(GatewayFailureKind.OurFault);
    }

    [Fact]
    public async Task says_that_a_customer_was_deleted_by_naming_the_parameter()
    {
        var customer = await CustomerAsync();
        (await direct.DeleteAsync(new Uri($"/v1/customers/{customer}", UriKind.Relative))).EnsureSuccessStatusCode();

        var failure = await Should.ThrowAsync<GatewayFailure>(() => OpenAsync(customer));

        (failure.Kind, failure.Code, failure.Parameter).ShouldBe((GatewayFailureKind.NotFound, "resource_missing", "customer"));
        (await Gateway.FindCustomerAsync(user, "ada@example.com", None)).ShouldBeNull();
        (await FactsAsync("customer.deleted"))["customer.deleted"].ShouldBeOfType<CustomerChanged>().State.Deleted.ShouldBeTrue();
    }

    private GatewayUnderTest Under(string address) =>
        new(address, options => options with { SecretKey = simulator.SecretKey, WebhookSecrets = new StripeSimulatorOptions().WebhookSecrets });

    private async Task<string> CustomerAsync() =>
        (await Gateway.CreateCustomerAsync(Gateway.PrepareCustomer(new NewCustomer(user, "ada@example.com", "Ada")), $"customer-{user}", None)).CustomerId;

    private NewCheckout Wish(string customer) => new(
        payment, user, customer, "credits", "100 credits", [new CheckoutLine("100 credits", new Money(1999, Usd), 3)], null,
        "https://shop.example.com/done?session={CHECKOUT_SESSION_ID}", "https://shop.example.com/cart", simulator.Now.AddHours(1));

    private NewIntent Intended(string customer, string? method) =>
        new(payment, user, customer, "credits", "100 credits", new Money(1999, Usd), method, "https://shop.example.com/done");

    private Task<CheckoutState> OpenAsync(string customer, Func<NewCheckout, NewCheckout>? change = null)
    {
        var wish = Wish(customer);
        return Gateway.OpenCheckoutAsync(Gateway.PrepareCheckout(change is null ? wish : change(wish)), $"{payment}/checkout", None);
    }

    private Task<IntentState> IntendAsync(string customer, string? method) =>
        Gateway.OpenIntentAsync(Gateway.PrepareIntent(Intended(customer, method)), $"{payment}/intent", None);

    private async Task PayAsync(CheckoutState session, string? method) => (await ConfirmAsync(session, method)).ShouldBe(200);

    private async Task<int> ConfirmAsync(CheckoutState session, string? method)
    {
        var form = new Dictionary<string, string> { ["expected_amount"] = session.Total!.Value.Minor.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (method is not null)
        {
            form["payment_method"] = method;
        }

        using var content = new FormUrlEncodedContent(form);
        using var response = await direct.PostAsync(new Uri($"/v1/payment_pages/{session.SessionId}/confirm", UriKind.Relative), content);
        return (int)response.StatusCode;
    }

    private async Task FaultAsync(string faults)
    {
        using var content = JsonContent.Create(JsonNode.Parse(faults));
        using var response = await direct.PostAsync(new Uri("/sandbox/faults", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
    }

    private async Task<JsonNode> DirectAsync(string path, string? form = null)
    {
        using var request = new HttpRequestMessage(form is null ? HttpMethod.Get : HttpMethod.Post, path);
        if (form is not null)
        {
            request.Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        }

        using var response = await direct.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(body);
        return JsonNode.Parse(body)!;
    }

    /// <summary>What the webhooks of these types say, once they have all come; every delivery must verify.</summary>
    private async Task<Dictionary<string, WebhookFact>> FactsAsync(params string[] types)
    {
        for (var waited = 0; ; waited++)
        {
            var facts = new Dictionary<string, WebhookFact>(StringComparer.Ordinal);
            foreach (var delivery in receiver.Seen)
            {
                var body = Encoding.UTF8.GetBytes(delivery.Body);
                var verdict = under.Verifier.Verify(body, delivery.Headers["Stripe-Signature"], DateTimeOffset.UtcNow);
                verdict.RefusalCode.ShouldBeNull();
                facts[verdict.Header!.Type] = under.Translator.Translate(body);
            }

            if (types.All(facts.ContainsKey))
            {
                facts.Values.ShouldNotContain(fact => fact is NeedsRefetch);
                return facts;
            }

            waited.ShouldBeLessThan(200, $"Came: {string.Join(' ', facts.Keys)}");
            await Task.Delay(50);
        }
    }
}
