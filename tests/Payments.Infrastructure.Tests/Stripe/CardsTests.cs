using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Webhooks;
using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;
using Payments.Infrastructure.Stripe;
using Payments.Sandbox.Stripe;
using Payments.Tests.Shared;

using static Payments.Infrastructure.Tests.Stripe.ScriptedStripe;
using static Payments.Infrastructure.Tests.Stripe.StripeSamples;

namespace Payments.Infrastructure.Tests.Stripe;

/// <summary>What is asked of Stripe about saved cards, judged by Stripe's own description, and how its answers are read.</summary>
public sealed class The_card_gateway
{
    private const string Key = "key-1";

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly UserId User = new(Guid.Parse(OurUser));
    private static readonly CardDetails Visa = new("visa", "4242", 8, 2030, "Xt5EWLLDS7FJjR1c");

    [Fact]
    public async Task sends_only_what_stripe_knows_in_every_call_it_has()
    {
        await using var stripe = await StartAsync(context => Answers(200, context.Request.Path.Value switch
        {
            "/v1/payment_methods" => Page(false, Method()),
            "/v1/setup_intents" => Setup(),
            "/v1/billing_portal/sessions" => Portal(),
            var path when path!.StartsWith("/v1/customers", StringComparison.Ordinal) => Customer(),
            _ => Method(),
        })(context));
        using var under = new GatewayUnderTest(stripe.Address);

        (await under.Cards.OpenSetupAsync("cus_1", User, Key, None)).ShouldBe(new SetupState("seti_1", SetupStatus.Succeeded, "seti_1_secret_abc", "cus_1", "pm_1"));
        (await under.Cards.GetCardAsync("pm_1", None)).ShouldBe(new CardState("pm_1", "cus_1", Visa, DateTimeOffset.FromUnixTimeSeconds(1785283200)));
        (await under.Cards.AttachAsync("pm_1", "cus_1", Key, None)).Card.ShouldBe(Visa);
        (await under.Cards.DetachAsync("pm_1", Key, None)).MethodId.ShouldBe("pm_1");
        await under.Cards.MakeDefaultAsync("cus_1", "pm_1", Key, None);
        (await under.Cards.GetWalletAsync("cus_1", None)).Cards.Single().Card.ShouldBe(Visa);
        (await under.Cards.OpenPortalAsync("cus_1", "https://shop.example.com/account?tab=cards", Key, None)).ShouldBe("https://billing.stripe.com/p/session/test_1");

        stripe.Seen.Count.ShouldBe(8);
        var schema = StripeSchema.Load();
        foreach (var request in stripe.Seen)
        {
            schema.RequestErrors(request.Method, request.PathAndQuery, request.Body).ShouldBeEmpty($"{request.Method} {request.PathAndQuery} {request.Body}");
            request.Headers.ContainsKey("Idempotency-Key").ShouldBe(request.Method == "POST");
        }
    }

    [Fact]
    public async Task asks_for_a_card_that_may_be_charged_when_its_owner_is_away()
    {
        await using var stripe = await StartAsync(Answers(200, Setup("""{ "status": "requires_payment_method", "payment_method": null }""")));
        using var under = new GatewayUnderTest(stripe.Address);

        (await under.Cards.OpenSetupAsync("cus_1", User, Key, None)).Status.ShouldBe(SetupStatus.RequiresPaymentMethod);

        Uri.UnescapeDataString(stripe.Seen.Single().Body).Split('&').ShouldBe(["customer=cus_1", "usage=off_session", "payment_method_types[0]=card", $"metadata[user_id]={OurUser}"]);
    }

    [Fact]
    public async Task reads_the_default_whether_it_is_expanded_or_not_and_a_deleted_customer_as_one()
    {
        await using var stripe = await StartAsync(
            Answers(200, Customer("""{ "invoice_settings": { "default_payment_method": "pm_1" } }""")),
            Answers(200, Page(false, Method(), Method("""{ "id": "pm_2", "type": "link", "card": null }"""))),
            Answers(200, """{ "id": "cus_1", "object": "customer", "deleted": true }"""),
            Answers(404, Error("invalid_request_error", "resource_missing", "No such customer: 'cus_1'", "id")));
        using var under = new GatewayUnderTest(stripe.Address);

        var wallet = await under.Cards.GetWalletAsync("cus_1", None);
        (wallet.Deleted, wallet.DefaultId).ShouldBe((false, "pm_1"));
        wallet.Cards.Select(c => (c.MethodId, c.Card)).ShouldBe([("pm_1", Visa), ("pm_2", null)]);
        (await under.Cards.GetWalletAsync("cus_1", None)).Deleted.ShouldBeTrue();
        (await under.Cards.GetWalletAsync("cus_1", None)).Deleted.ShouldBeTrue();
    }

    [Fact]
    public async Task says_what_stripe_says_without_a_code_of_a_method_in_the_wrong_state()
    {
        await using var stripe = await StartAsync(Answers(400, Error("invalid_request_error", null, "The payment method you provided has already been attached to a customer.")));
        using var under = new GatewayUnderTest(stripe.Address);

        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.AttachAsync("pm_1", "cus_1", Key, None))).Kind.ShouldBe(GatewayFailureKind.Conflict);
        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.DetachAsync("pm_1", Key, None))).Kind.ShouldBe(GatewayFailureKind.Conflict);
    }

    [Fact]
    public async Task tells_a_declined_card_in_words_for_its_owner()
    {
        await using var stripe = await StartAsync(Answers(402, Declined("stolen_card")));
        using var under = new GatewayUnderTest(stripe.Address);

        var failure = await Should.ThrowAsync<GatewayFailure>(() => under.Cards.AttachAsync("pm_1", "cus_1", Key, None));

        failure.Kind.ShouldBe(GatewayFailureKind.Declined);
        failure.SafeMessage.ShouldNotBeNull().ShouldNotContain("stolen");
    }

    [Theory]
    [InlineData("""{ "exp_month": 13 }""")]
    [InlineData("""{ "exp_year": 99999 }""")]
    [InlineData("""{ "last4": "4242424242424242" }""")]
    public async Task takes_no_card_that_is_none(string card)
    {
        await using var stripe = await StartAsync(Answers(200, Method($$"""{ "card": {{card}} }""")));
        using var under = new GatewayUnderTest(stripe.Address);

        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.GetCardAsync("pm_1", None))).Kind.ShouldBe(GatewayFailureKind.Unavailable);
        under.Logged.ShouldNotContain("4242424242424242");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("pm_1/detach")]
    [InlineData("pm_1?x=y")]
    public async Task lets_no_id_wander_off_its_path(string id)
    {
        using var under = new GatewayUnderTest(Nobody());

        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.GetCardAsync(id, None))).Kind.ShouldBe(GatewayFailureKind.NotFound);
        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.AttachAsync(id, "cus_1", Key, None))).Kind.ShouldBe(GatewayFailureKind.NotFound);
        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.MakeDefaultAsync(id, "pm_1", Key, None))).Kind.ShouldBe(GatewayFailureKind.NotFound);
    }
}

public sealed class Translating_an_event_of_a_card
{
    private static readonly StripeEventTranslator Translator = new();
    private static readonly CardDetails Visa = new("visa", "4242", 8, 2030, "Xt5EWLLDS7FJjR1c");

    [Theory]
    [InlineData("payment_method.attached", Dahlia)]
    [InlineData("payment_method.updated", Dahlia)]
    [InlineData("payment_method.automatically_updated", "2020-03-02")]
    public void of_an_attached_one_gives_the_card(string type, string version)
    {
        var state = Translator.Translate(Event(type, Method(), version)).ShouldBeOfType<CardChanged>().State;

        (state.MethodId, state.CustomerId, state.Card).ShouldBe(("pm_1", "cus_1", Visa));
    }

    [Fact]
    public void of_a_detached_one_tells_whose_it_was()
    {
        var payload = JsonNode.Parse(Event("payment_method.detached", Method("""{ "customer": null }""")))!;
        payload["data"]!["previous_attributes"] = new JsonObject { ["customer"] = "cus_1" };

        var state = Translator.Translate(Encoding.UTF8.GetBytes(payload.ToJsonString())).ShouldBeOfType<CardDetached>().State;

        (state.MethodId, state.CustomerId, state.Card).ShouldBe(("pm_1", "cus_1", Visa));
        Translator.Translate(Event("payment_method.detached", Method("""{ "customer": null }"""))).ShouldBeOfType<CardDetached>().State.CustomerId.ShouldBeNull();
    }

    [Fact]
    public void of_what_is_no_card_has_no_card() =>
        Translator.Translate(Event("payment_method.attached", Method("""{ "type": "sepa_debit", "card": null }"""))).ShouldBeOfType<CardChanged>().State.Card.ShouldBeNull();

    [Fact]
    public void of_a_setup_that_succeeded_names_the_method()
    {
        var state = Translator.Translate(Event("setup_intent.succeeded", Setup())).ShouldBeOfType<SetupSucceeded>().State;

        (state.CustomerId, state.MethodId).ShouldBe(("cus_1", "pm_1"));
    }

    [Theory]
    [InlineData("setup_intent.created")]
    [InlineData("setup_intent.setup_failed")]
    public void of_another_step_of_a_setup_says_nothing(string type) => Translator.Translate(Event(type, Setup())).ShouldBeOfType<Unhandled>();

    [Theory]
    [InlineData("\"pm_1\"", "pm_1")]
    [InlineData("""{ "id": "pm_1", "object": "payment_method" }""", "pm_1")]
    [InlineData("null", null)]
    public void of_a_customer_tells_the_default(string json, string? id) => Translator
        .Translate(Event("customer.updated", Customer($$"""{ "invoice_settings": { "default_payment_method": {{json}} } }"""))).ShouldBeOfType<CustomerChanged>().State.DefaultMethodId.ShouldBe(id);

    [Fact]
    public void without_its_card_is_unreadable() => Should.Throw<JsonException>(() => Translator.Translate(Event("payment_method.attached", Method("""{ "card": { "exp_month": 0 } }"""))));
}

/// <summary>The adapter and the simulator, each judged by Stripe's own description elsewhere, understand each other.</summary>
public sealed class The_card_gateway_with_the_simulator : IAsyncLifetime, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly UserId user = new(Guid.NewGuid());
    private StripeSimulator simulator = null!;
    private GatewayUnderTest under = null!;
    private HttpClient direct = null!;

    public async Task InitializeAsync()
    {
        simulator = await StripeSimulator.StartAsync(new StripeSimulatorOptions());
        direct = new HttpClient { BaseAddress = simulator.Address, DefaultRequestHeaders = { { "Authorization", $"Bearer {simulator.SecretKey}" } } };
        under = new GatewayUnderTest(simulator.Address.AbsoluteUri, options => options with { SecretKey = simulator.SecretKey });
    }

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    public void Dispose()
    {
        under.Dispose();
        direct.Dispose();
    }

    [Fact]
    public async Task saves_chooses_and_removes_a_card()
    {
        var customer = await CustomerAsync();
        var card = await MadeOnThePageAsync("tok_visa");
        (await under.Cards.GetCardAsync(card, None)).CustomerId.ShouldBeNull();

        var attached = await under.Cards.AttachAsync(card, customer, "attach-1", None);
        (attached.CustomerId, attached.Card!.Last4).ShouldBe((customer, "4242"));
        attached.Card.Fingerprint.ShouldNotBeNull();
        (await under.Cards.AttachAsync(card, customer, "attach-1", None)).ShouldBe(attached);
        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.AttachAsync(card, customer, "attach-2", None))).Kind.ShouldBe(GatewayFailureKind.Conflict);
        await under.Cards.MakeDefaultAsync(customer, card, "default-1", None);

        var wallet = await under.Cards.GetWalletAsync(customer, None);
        wallet.Cards.ShouldBe([attached]);
        wallet.DefaultId.ShouldBe(card);

        (await under.Cards.DetachAsync(card, "detach-1", None)).CustomerId.ShouldBeNull();
        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.DetachAsync(card, "detach-2", None))).Kind.ShouldBe(GatewayFailureKind.Conflict);
        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.MakeDefaultAsync(customer, card, "default-2", None))).Kind.ShouldBe(GatewayFailureKind.NotFound);
        wallet = await under.Cards.GetWalletAsync(customer, None);
        (wallet.Cards.Count, wallet.DefaultId).ShouldBe((0, null));
    }

    [Fact]
    public async Task takes_a_decline_when_the_card_is_saved_for_one()
    {
        var card = await MadeOnThePageAsync("tok_chargeDeclined");

        var failure = await Should.ThrowAsync<GatewayFailure>(async () => await under.Cards.AttachAsync(card, await CustomerAsync(), "attach-1", None));

        (failure.Kind, failure.SafeMessage is null).ShouldBe((GatewayFailureKind.Declined, false));
    }

    [Fact]
    public async Task resolves_a_cut_after_the_effect_by_the_same_key()
    {
        var customer = await CustomerAsync();
        var card = await MadeOnThePageAsync("tok_visa");
        using (var faults = new StringContent("""{ "api": { "cutAfterEffect": 1 } }""", Encoding.UTF8, "application/json"))
        {
            (await direct.PostAsync(new Uri("/sandbox/faults", UriKind.Relative), faults)).EnsureSuccessStatusCode();
        }

        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.AttachAsync(card, customer, "attach-1", None))).Kind.ShouldBe(GatewayFailureKind.UnknownOutcome);
        (await direct.DeleteAsync(new Uri("/sandbox/faults", UriKind.Relative))).EnsureSuccessStatusCode();

        (await under.Cards.GetCardAsync(card, None)).CustomerId.ShouldBe(customer);
        (await under.Cards.AttachAsync(card, customer, "attach-1", None)).CustomerId.ShouldBe(customer);
    }

    [Fact]
    public async Task opens_setups_and_the_portal_once_a_key()
    {
        var customer = await CustomerAsync();

        var setup = await under.Cards.OpenSetupAsync(customer, user, "setup-1", None);
        (setup.Status, setup.CustomerId, setup.ClientSecret!.StartsWith(setup.SetupId, StringComparison.Ordinal)).ShouldBe((SetupStatus.RequiresPaymentMethod, customer, true));
        (await under.Cards.OpenSetupAsync(customer, user, "setup-1", None)).ShouldBe(setup);
        (await under.Cards.OpenSetupAsync(customer, user, "setup-2", None)).ShouldNotBe(setup);

        var url = await under.Cards.OpenPortalAsync(customer, "http://127.0.0.1:3000/account", "portal-1", None);
        (await direct.GetAsync(new Uri(url))).EnsureSuccessStatusCode();
        (await under.Cards.OpenPortalAsync(customer, "http://127.0.0.1:3000/account", "portal-1", None)).ShouldBe(url);
    }

    [Fact]
    public async Task says_what_is_missing_by_its_parameter()
    {
        var nobody = await Should.ThrowAsync<GatewayFailure>(() => under.Cards.OpenSetupAsync("cus_none", user, "setup-1", None));
        (nobody.Kind, nobody.Parameter).ShouldBe((GatewayFailureKind.NotFound, "customer"));
        var portal = await Should.ThrowAsync<GatewayFailure>(() => under.Cards.OpenPortalAsync("cus_none", "http://127.0.0.1:3000/", "portal-1", None));
        (portal.Kind, portal.Parameter).ShouldBe((GatewayFailureKind.NotFound, "customer"));
        (await Should.ThrowAsync<GatewayFailure>(() => under.Cards.GetCardAsync("pm_none", None))).Kind.ShouldBe(GatewayFailureKind.NotFound);
        (await under.Cards.GetWalletAsync("cus_none", None)).Deleted.ShouldBeTrue();
    }

    private async Task<string> CustomerAsync() =>
        (await under.Gateway.CreateCustomerAsync(under.Gateway.PrepareCustomer(new NewCustomer(user, "ada@example.com", "Ada")), $"customer-{user}", None)).CustomerId;

    private async Task<string> MadeOnThePageAsync(string token)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["type"] = "card", ["card[token]"] = token });
        using var answer = await direct.PostAsync(new Uri("/v1/payment_methods", UriKind.Relative), form);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!.ToString();
    }
}
