using System.Text.Json.Nodes;

using FsCheck;
using FsCheck.Fluent;

using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;
using Payments.Tests.Shared;

using static Payments.Infrastructure.Tests.Stripe.ScriptedStripe;
using static Payments.Infrastructure.Tests.Stripe.StripeSamples;

namespace Payments.Infrastructure.Tests.Stripe;

/// <summary>What is asked of Stripe, judged by Stripe's own description, and how its answers are read.</summary>
public sealed class The_gateway
{
    private const string Key = "payment-1/checkout";

    private static readonly PaymentId Payment = new(Guid.Parse(OurPayment));
    private static readonly UserId User = new(Guid.Parse(OurUser));
    private static readonly Currency Usd = Currency.Of("usd");

    private static readonly NewCheckout Checkout = new(
        Payment, User, "cus_1", "credits", "100 credits", [new CheckoutLine("100 credits", new Money(1999, Usd), 3)], "promo_1",
        "https://shop.example.com/done?session={CHECKOUT_SESSION_ID}&a=b", "https://shop.example.com/cart", DateTimeOffset.FromUnixTimeSeconds(1785369600));

    private static readonly NewIntent Intended = new(Payment, User, "cus_1", "credits", "100 credits", new Money(1999, Usd), "pm_1", "https://shop.example.com/done");

    [Fact]
    public async Task sends_only_what_stripe_knows_in_every_call_it_has()
    {
        await using var stripe = await StartAsync(context => Answers(200, context.Request.Path.Value switch
        {
            var path when context.Request.Method == "GET" && path!.Split('/').Length == (path.StartsWith("/v1/checkout", StringComparison.Ordinal) ? 4 : 3) => Page(false, path switch
            {
                "/v1/customers" => Customer(),
                "/v1/checkout/sessions" => Session(),
                "/v1/payment_intents" => Intent(),
                _ => PromotionCode(),
            }),
            var path when path!.StartsWith("/v1/customers", StringComparison.Ordinal) => Customer(),
            var path when path!.StartsWith("/v1/checkout", StringComparison.Ordinal) => Session(),
            var path when path!.StartsWith("/v1/payment_intents", StringComparison.Ordinal) => Intent(),
            _ => Charge(),
        })(context));
        using var under = new GatewayUnderTest(stripe.Address);
        var gateway = under.Gateway;
        var none = CancellationToken.None;

        await gateway.CreateCustomerAsync(gateway.PrepareCustomer(new NewCustomer(User, "ada@example.com", "Ada & Söhne")), Key, none);
        await gateway.CreateCustomerAsync(gateway.PrepareCustomer(new NewCustomer(User, null, null)), Key, none);
        await gateway.UpdateCustomerAsync("cus_1", "ada@example.org", "Ada", Key, none);
        await gateway.UpdateCustomerAsync("cus_1", null, "", Key, none);
        await gateway.OpenCheckoutAsync(gateway.PrepareCheckout(Checkout), Key, none);
        await gateway.OpenCheckoutAsync(gateway.PrepareCheckout(Checkout with { PromotionCodeId = null, Lines = [new("Poster", new Money(500, Currency.Of("jpy")), 1), new("Mug", new Money(900, Currency.Of("jpy")), 2)] }), Key, none);
        await gateway.OpenIntentAsync(gateway.PrepareIntent(Intended), Key, none);
        await gateway.OpenIntentAsync(gateway.PrepareIntent(Intended with { ReturnUrl = null }), Key, none);
        await gateway.OpenIntentAsync(gateway.PrepareIntent(Intended with { PaymentMethodId = null }), Key, none);
        await gateway.FindCustomerAsync(User, "ada@example.com", none);
        await gateway.FindCustomerAsync(User, null, none);
        await gateway.FindCheckoutAsync("cus_1", Payment, none);
        await gateway.FindIntentAsync("cus_1", Payment, none);
        await gateway.GetCheckoutAsync("cs_test_1", none);
        await gateway.GetIntentAsync("pi_1", none);
        await gateway.GetChargeAsync("ch_1", none);
        await gateway.ExpireCheckoutAsync("cs_test_1", Key, none);
        await gateway.CancelIntentAsync("pi_1", Key, none);
        await gateway.FindPromotionCodeAsync("spring", none);

        stripe.Seen.Count.ShouldBe(21);
        var schema = StripeSchema.Load();
        foreach (var request in stripe.Seen)
        {
            schema.RequestErrors(request.Method, request.PathAndQuery, request.Body).ShouldBeEmpty($"{request.Method} {request.PathAndQuery} {request.Body}");
            request.Body.ShouldNotContain("payment_method_types");
        }
    }

    [Fact]
    public void prepares_a_checkout_that_carries_our_ids_everywhere()
    {
        using var under = new GatewayUnderTest(Nobody());
        var call = under.Gateway.PrepareCheckout(Checkout);

        call.Operation.ShouldBe("POST /v1/checkout/sessions");
        Form(call.Body).ShouldBe(
        [
            "mode=payment",
            "customer=cus_1",
            $"client_reference_id={OurPayment}",
            "line_items[0][price_data][currency]=usd",
            "line_items[0][price_data][unit_amount]=1999",
            "line_items[0][price_data][product_data][name]=100 credits",
            "line_items[0][quantity]=3",
            "discounts[0][promotion_code]=promo_1",
            $"metadata[payment_id]={OurPayment}",
            $"metadata[user_id]={OurUser}",
            "metadata[kind]=credits",
            "payment_intent_data[description]=100 credits",
            $"payment_intent_data[metadata][payment_id]={OurPayment}",
            $"payment_intent_data[metadata][user_id]={OurUser}",
            "payment_intent_data[metadata][kind]=credits",
            "success_url=https://shop.example.com/done?session={CHECKOUT_SESSION_ID}&a=b",
            "cancel_url=https://shop.example.com/cart",
            "expires_at=1785369600",
        ]);
    }

    [Fact]
    public void prepares_an_intent_that_the_page_confirms()
    {
        using var under = new GatewayUnderTest(Nobody());

        Form(under.Gateway.PrepareIntent(Intended with { PaymentMethodId = null }).Body).ShouldBe(
        [
            "amount=1999",
            "currency=usd",
            "customer=cus_1",
            "description=100 credits",
            "automatic_payment_methods[enabled]=true",
            $"metadata[payment_id]={OurPayment}",
            $"metadata[user_id]={OurUser}",
            "metadata[kind]=credits",
            "expand[0]=latest_charge",
        ]);
    }

    [Fact]
    public void prepares_an_intent_on_a_saved_card_with_the_buyer_present()
    {
        using var under = new GatewayUnderTest(Nobody());

        var returning = Form(under.Gateway.PrepareIntent(Intended).Body);
        returning.ShouldContain("payment_method=pm_1");
        returning.ShouldContain("confirm=true");
        returning.ShouldContain("return_url=https://shop.example.com/done");
        returning.ShouldNotContain(field => field.StartsWith("off_session", StringComparison.Ordinal));
        returning.ShouldNotContain("automatic_payment_methods[allow_redirects]=never");

        Form(under.Gateway.PrepareIntent(Intended with { ReturnUrl = null }).Body).ShouldContain("automatic_payment_methods[allow_redirects]=never");
    }

    [Fact]
    public void prepares_the_same_bytes_for_the_same_wish_and_valid_ones_for_any() => Prop
        .ForAll<NonEmptyString, NonEmptyString, PositiveInt>((name, other, number) =>
        {
            using var under = new GatewayUnderTest("http://127.0.0.1:1");
            var wish = Checkout with { Description = name.Get, Lines = [new(name.Get, new Money(number.Get * 7L, Usd), number.Get), new(other.Get, new Money(number.Get, Usd), 1)] };
            var call = under.Gateway.PrepareCheckout(wish);
            return call == under.Gateway.PrepareCheckout(wish with { })
                && StripeSchema.Load().RequestErrors("POST", "/v1/checkout/sessions", call.Body).Count == 0;
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public async Task sends_a_prepared_call_as_it_was_saved()
    {
        await using var stripe = await StartAsync(Answers(200, Session()));
        using var under = new GatewayUnderTest(stripe.Address);
        var call = under.Gateway.PrepareCheckout(Checkout);

        await under.Gateway.OpenCheckoutAsync(call, Key, CancellationToken.None);
        await under.Gateway.OpenCheckoutAsync(new PreparedCall(call.Operation, new string(call.Body.ToCharArray())), Key, CancellationToken.None);

        stripe.Seen.Select(request => request.Body).ShouldBe([call.Body, call.Body]);
        stripe.Seen.Select(request => request.Headers["Idempotency-Key"]).ShouldBe([Key, Key]);
    }

    [Fact]
    public async Task refuses_to_send_a_call_as_another_than_it_is()
    {
        using var under = new GatewayUnderTest(Nobody());

        await Should.ThrowAsync<ArgumentException>(() => under.Gateway.OpenIntentAsync(under.Gateway.PrepareCheckout(Checkout), Key, CancellationToken.None));
        await Should.ThrowAsync<ArgumentException>(() => under.Gateway.OpenCheckoutAsync(new PreparedCall("DELETE /v1/customers", ""), Key, CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\r\nX: y")]
    [InlineData("é")]
    public async Task refuses_an_idempotency_key_that_is_no_header(string key)
    {
        using var under = new GatewayUnderTest(Nobody());

        await Should.ThrowAsync<ArgumentException>(() => under.Gateway.OpenCheckoutAsync(under.Gateway.PrepareCheckout(Checkout), key, CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../customers")]
    [InlineData("cs_1/expire")]
    [InlineData("cs_1?expand[]=customer")]
    [InlineData("cs%2f1")]
    public async Task lets_no_id_wander_off_its_path(string id)
    {
        await using var stripe = await StartAsync(Answers(200, Session()));
        using var under = new GatewayUnderTest(stripe.Address);

        foreach (var call in new Func<Task>[]
        {
            () => under.Gateway.GetCheckoutAsync(id, CancellationToken.None),
            () => under.Gateway.GetIntentAsync(id, CancellationToken.None),
            () => under.Gateway.GetChargeAsync(id, CancellationToken.None),
            () => under.Gateway.ExpireCheckoutAsync(id, Key, CancellationToken.None),
            () => under.Gateway.UpdateCustomerAsync(id, null, null, Key, CancellationToken.None),
        })
        {
            (await Should.ThrowAsync<GatewayFailure>(call)).Kind.ShouldBe(GatewayFailureKind.NotFound);
        }

        stripe.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task reads_a_session_with_its_intent_and_its_charge()
    {
        var session = Session();
        session["payment_intent"] = Intent("""{ "latest_charge": null }""");
        session["payment_intent"]!["latest_charge"] = Charge();
        await using var stripe = await StartAsync(Answers(200, session));
        using var under = new GatewayUnderTest(stripe.Address);

        var state = await under.Gateway.GetCheckoutAsync("cs_test_1", CancellationToken.None);

        var charge = new ChargeState("ch_1", Payment, "pi_1", ChargeOutcome.Succeeded, new Money(1999, Usd), "card", "visa", "4242", null, DateTimeOffset.FromUnixTimeSeconds(1785283202), false);
        var intent = new IntentState("pi_1", Payment, IntentStatus.Succeeded, new Money(1999, Usd), new Money(1999, Usd), "pi_1_secret_abc", "cus_1", "ch_1", charge, null, DateTimeOffset.FromUnixTimeSeconds(1785283201), false);
        state.ShouldBe(new CheckoutState(
            "cs_test_1", Payment, CheckoutStatus.Complete, CheckoutPaymentStatus.Paid, new Money(2000, Usd), new Money(1999, Usd), new Money(101, Usd), new Money(100, Usd), "cus_1", "pi_1", null,
            DateTimeOffset.FromUnixTimeSeconds(1785369600), DateTimeOffset.FromUnixTimeSeconds(1785283200), false, intent));
        stripe.Seen.Single().PathAndQuery.ShouldBe("/v1/checkout/sessions/cs_test_1?expand[0]=payment_intent.latest_charge");
    }

    [Fact]
    public async Task takes_a_decline_for_the_state_of_the_intent()
    {
        var intent = Intent("""
            {
              "status": "requires_payment_method", "amount_received": 0, "latest_charge": "ch_9",
              "last_payment_error": {
                "type": "card_error", "code": "card_declined", "decline_code": "stolen_card", "message": "Your card was declined.", "charge": "ch_9",
                "payment_method": { "id": "pm_1", "object": "payment_method", "type": "card", "card": { "brand": "visa", "last4": "9979" } }
              }
            }
            """);
        await using var stripe = await StartAsync(Answers(402, Declined("stolen_card", intent: intent), ("Stripe-Should-Retry", "false")));
        using var under = new GatewayUnderTest(stripe.Address);

        var state = await under.Gateway.OpenIntentAsync(under.Gateway.PrepareIntent(Intended), Key, CancellationToken.None);

        state.Status.ShouldBe(IntentStatus.RequiresPaymentMethod);
        state.Received.ShouldBe(Money.Zero(Usd));
        state.LastFailure.ShouldBe(new FailedAttempt(new GatewayDecline("stolen_card", "card_declined", "Your payment was declined. Please try another payment method."), "ch_9", "pm_1", "card", "visa", "9979"));
    }

    [Fact]
    public async Task takes_a_decline_without_details_from_the_error_itself()
    {
        var intent = Intent("""{ "status": "requires_payment_method", "amount_received": 0, "latest_charge": null }""");
        await using var stripe = await StartAsync(Answers(402, Declined("insufficient_funds", intent: intent)));
        using var under = new GatewayUnderTest(stripe.Address);

        var state = await under.Gateway.OpenIntentAsync(under.Gateway.PrepareIntent(Intended), Key, CancellationToken.None);

        state.LastFailure!.Decline.ShouldBe(new GatewayDecline("insufficient_funds", "insufficient_funds", "There are insufficient funds for this payment."));
    }

    [Fact]
    public async Task knows_a_decline_that_comes_without_an_intent()
    {
        await using var stripe = await StartAsync(Answers(402, Declined("fraudulent")));
        using var under = new GatewayUnderTest(stripe.Address);

        var failure = await Should.ThrowAsync<GatewayFailure>(() => under.Gateway.OpenIntentAsync(under.Gateway.PrepareIntent(Intended), Key, CancellationToken.None));

        (failure.Kind, failure.SafeMessage).ShouldBe((GatewayFailureKind.Declined, "Your payment was declined. Please try another payment method."));
    }

    [Theory]
    [InlineData("checkout.session", """{ "status": "half_open", "payment_status": "partially_paid" }""")]
    [InlineData("checkout.session", """{ "status": null }""")]
    public async Task reads_a_word_that_stripe_adds_one_day_as_granting_nothing(string what, string changes)
    {
        await using var stripe = await StartAsync(Answers(200, Session(changes)));
        using var under = new GatewayUnderTest(stripe.Address);

        var state = await under.Gateway.GetCheckoutAsync("cs_test_1", CancellationToken.None);

        state.Status.ShouldBe(CheckoutStatus.Open);
        state.PaymentStatus.ShouldBe(changes.Contains("payment_status", StringComparison.Ordinal) ? CheckoutPaymentStatus.Unpaid : CheckoutPaymentStatus.Paid);
        under.Logged.ShouldContain(what);
    }

    [Fact]
    public async Task tells_a_session_that_is_complete_from_one_that_is_not_there()
    {
        await using var stripe = await StartAsync(
            Answers(400, Error("invalid_request_error", null, "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `complete`.")),
            Answers(200, Session()),
            Answers(404, Error("invalid_request_error", "resource_missing", "No such checkout.session: 'cs_test_1'", "session")));
        using var under = new GatewayUnderTest(stripe.Address);

        (await Should.ThrowAsync<GatewayFailure>(() => under.Gateway.ExpireCheckoutAsync("cs_test_1", Key, CancellationToken.None))).Kind.ShouldBe(GatewayFailureKind.Conflict);
        (await Should.ThrowAsync<GatewayFailure>(() => under.Gateway.ExpireCheckoutAsync("cs_test_1", Key, CancellationToken.None))).Kind.ShouldBe(GatewayFailureKind.NotFound);
    }

    [Fact]
    public async Task finds_an_expired_session_expired()
    {
        await using var stripe = await StartAsync(
            Answers(400, Error("invalid_request_error", null, "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `expired`.")),
            Answers(200, Session("""{ "status": "expired", "payment_status": "unpaid" }""")));
        using var under = new GatewayUnderTest(stripe.Address);

        (await under.Gateway.ExpireCheckoutAsync("cs_test_1", Key, CancellationToken.None)).Status.ShouldBe(CheckoutStatus.Expired);
    }

    [Fact]
    public async Task finds_the_session_of_a_payment_on_a_later_page_and_prefers_a_paid_one()
    {
        await using var stripe = await StartAsync(
            Answers(200, Page(true, Session("""{ "id": "cs_test_other", "metadata": { "payment_id": "x" } }"""), Session("""{ "id": "cs_test_open", "status": "open", "payment_status": "unpaid" }"""))),
            Answers(200, Page(false, Session("""{ "id": "cs_test_paid" }"""), Session("""{ "id": "cs_test_foreign", "metadata": null }"""))),
            Answers(200, Session("""{ "id": "cs_test_paid" }""")));
        using var under = new GatewayUnderTest(stripe.Address);

        (await under.Gateway.FindCheckoutAsync("cus_1", Payment, CancellationToken.None))!.SessionId.ShouldBe("cs_test_paid");

        stripe.Seen.Select(request => request.PathAndQuery).ShouldBe(
        [
            "/v1/checkout/sessions?customer=cus_1&limit=100",
            "/v1/checkout/sessions?customer=cus_1&limit=100&starting_after=cs_test_open",
            "/v1/checkout/sessions/cs_test_paid?expand[0]=payment_intent.latest_charge",
        ]);
    }

    [Fact]
    public async Task finds_nothing_where_nothing_is_ours()
    {
        await using var stripe = await StartAsync(Answers(200, Page(false, Session("""{ "metadata": { "payment_id": "0197f1c0-0000-7000-8000-000000000002" } }"""))));
        using var under = new GatewayUnderTest(stripe.Address);

        (await under.Gateway.FindCheckoutAsync("cus_1", Payment, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task believes_no_reference_that_a_buyer_may_have_written()
    {
        await using var stripe = await StartAsync(Answers(200, Session("""{ "metadata": null }""")));
        using var under = new GatewayUnderTest(stripe.Address);

        (await under.Gateway.GetCheckoutAsync("cs_test_1", CancellationToken.None)).PaymentId.ShouldBeNull();
    }

    [Fact]
    public async Task never_says_nothing_is_there_when_it_could_not_look_at_everything()
    {
        await using var stripe = await StartAsync(Answers(200, Page(true, Intent("""{ "metadata": {  "payment_id": "other" } }"""))));
        using var under = new GatewayUnderTest(stripe.Address);

        (await Should.ThrowAsync<GatewayFailure>(() => under.Gateway.FindIntentAsync("cus_1", Payment, CancellationToken.None))).Kind.ShouldBe(GatewayFailureKind.UnknownOutcome);

        stripe.Seen.Count.ShouldBe(10);
    }

    [Fact]
    public async Task finds_the_oldest_customer_of_a_user()
    {
        await using var stripe = await StartAsync(Answers(200, Page(
            false,
            Customer("""{ "id": "cus_new" }"""),
            Customer("""{ "id": "cus_old" }"""),
            Customer("""{ "id": "cus_someone", "metadata": { "user_id": "0197f1c0-0000-7000-8000-0000000000bb" } }"""))));
        using var under = new GatewayUnderTest(stripe.Address);

        (await under.Gateway.FindCustomerAsync(User, "ada+1@example.com", CancellationToken.None)).ShouldBe(new CustomerState("cus_old", User, "ada@example.com", "Ada", false));

        stripe.Seen.Single().PathAndQuery.ShouldBe("/v1/customers?email=ada%2B1%40example.com&limit=100");
    }

    [Theory]
    [InlineData("spring", "promo_1")]
    [InlineData(" SPRING ", "promo_1")]
    [InlineData("autumn", null)]
    [InlineData("  ", null)]
    public async Task finds_a_promotion_code_however_it_is_typed(string typed, string? id)
    {
        await using var stripe = await StartAsync(Answers(200, Page(false, PromotionCode())));
        using var under = new GatewayUnderTest(stripe.Address);

        (await under.Gateway.FindPromotionCodeAsync(typed, CancellationToken.None))?.Id.ShouldBe(id);
    }

}
