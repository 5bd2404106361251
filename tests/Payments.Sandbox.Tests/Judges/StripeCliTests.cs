using Payments.Sandbox.Stripe;

namespace Payments.Sandbox.Tests.Judges;

/// <summary>
/// Stripe's own CLI drives the simulator through Stripe's own request sequences. That it ends well proves little; what
/// counts is which signed events arrive.
/// </summary>
public sealed class StripeCliTests
{
    private static readonly string[] Catalog = ["price.created", "product.created"];
    private static readonly string[] CardPaid = ["charge.succeeded", "charge.updated", "payment_intent.created", "payment_intent.succeeded"];
    private static readonly string[] CardFailed = ["charge.failed", "payment_intent.created", "payment_intent.payment_failed"];

    // A debit that is set up for later use saves its account with a customer made for it.
    private static readonly string[] DebitStarted =
        ["charge.pending", "checkout.session.completed", "customer.created", "payment_intent.created", "payment_intent.processing", "payment_method.attached"];

    private static readonly string[] RefundTold = ["charge.refund.updated", "charge.refunded", "refund.created", "refund.updated"];

    private static readonly string[] Subscribed =
    [
        "payment_method.attached", "customer.created", .. Catalog, "charge.succeeded", "customer.updated", "customer.subscription.created",
        "payment_intent.succeeded", "payment_intent.created", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
        "charge.updated", "invoice_payment.paid",
    ];

    private static readonly string[] OnTrial =
    [
        "customer.created", .. Catalog, "customer.updated", "customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid",
        "invoice.payment_succeeded", "setup_intent.created",
    ];

    private static readonly string[] InvoiceDrafted = ["customer.created", "invoiceitem.created", "invoice.created"];

    private static readonly string[] InvoicePaid =
    [
        .. InvoiceDrafted, "payment_method.attached", "invoice.finalized", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
        "invoice.paid", "invoice.payment_succeeded", "charge.updated", "invoice_payment.paid",
    ];

    private static readonly Dictionary<string, string[]> Sequences = new(StringComparer.Ordinal)
    {
        ["checkout.session.completed"] = [.. Catalog, .. CardPaid, "checkout.session.completed"],
        ["checkout.session.expired"] = [.. Catalog, "checkout.session.expired"],
        ["checkout.session.async_payment_succeeded"] =
            [.. Catalog, .. DebitStarted, "charge.succeeded", "charge.updated", "checkout.session.async_payment_succeeded", "payment_intent.succeeded"],
        ["checkout.session.async_payment_failed"] =
            [.. Catalog, .. DebitStarted, "charge.failed", "checkout.session.async_payment_failed", "payment_intent.payment_failed"],
        ["payment_intent.succeeded"] = CardPaid,
        ["payment_intent.payment_failed"] = CardFailed,
        ["charge.failed"] = CardFailed,
        ["customer.created"] = ["customer.created"],
        ["charge.refunded"] = [.. CardPaid, .. RefundTold],
        ["charge.refund.updated"] = [.. CardPaid, .. RefundTold, "charge.refund.updated", "refund.updated"],
        ["charge.dispute.created"] = [.. CardPaid, "charge.dispute.created"],
        ["charge.dispute.closed"] = [.. CardPaid, "charge.dispute.created", "charge.dispute.closed"],
        ["payment_method.attached"] = ["customer.created", "payment_method.attached"],
        ["payment_method.detached"] = ["customer.created", "payment_method.attached", "payment_method.detached"],
        ["setup_intent.created"] = ["setup_intent.created"],
        ["setup_intent.succeeded"] = ["setup_intent.created", "setup_intent.succeeded"],
        ["customer.subscription.created"] = [.. Subscribed],
        ["customer.subscription.updated"] = [.. Subscribed, "customer.subscription.updated"],
        ["customer.subscription.deleted"] = [.. Subscribed, "customer.subscription.deleted"],
        ["customer.subscription.trial_will_end"] = [.. OnTrial, "customer.subscription.trial_will_end"],
        ["customer.subscription.paused"] = [.. OnTrial, "customer.subscription.paused"],
        ["subscription.payment_succeeded"] = [.. Subscribed, "customer.updated"],
        ["subscription.payment_failed"] =
        [
            "payment_method.attached", "customer.created", "customer.updated", .. Catalog, "customer.updated", "customer.subscription.created", "invoice.created",
            "invoice.finalized", "payment_intent.created", "charge.failed", "payment_intent.payment_failed", "invoice.payment_failed", "invoice.updated",
        ],
        ["invoice.created"] = [.. InvoiceDrafted],
        ["invoice.updated"] = [.. InvoiceDrafted, "invoice.updated"],
        ["invoice.deleted"] = [.. InvoiceDrafted, "invoice.deleted"],
        ["invoice.finalized"] = [.. InvoiceDrafted, "invoice.finalized", "payment_intent.created"],
        ["invoice.voided"] = [.. InvoiceDrafted, "invoice.finalized", "payment_intent.created", "invoice.voided", "payment_intent.canceled"],
        ["invoice.marked_uncollectible"] = [.. InvoiceDrafted, "invoice.finalized", "payment_intent.created", "invoice.marked_uncollectible"],
        ["invoice.paid"] = InvoicePaid,
        ["invoice.payment_succeeded"] = InvoicePaid,
        ["invoice.payment_failed"] =
        [
            .. InvoiceDrafted, "payment_method.attached", "invoice.finalized", "payment_intent.created", "charge.failed", "payment_intent.payment_failed",
            "invoice.payment_failed", "invoice.updated",
        ],
        ["invoice.payment_action_required"] =
        [
            .. InvoiceDrafted, "payment_method.attached", "invoice.finalized", "payment_intent.created", "payment_intent.requires_action",
            "invoice.payment_action_required", "invoice.updated",
        ],
        ["test_helpers.test_clock.created"] = ["test_helpers.test_clock.created"],
        ["test_helpers.test_clock.advancing"] = ["test_helpers.test_clock.created", "test_helpers.test_clock.advancing", "test_helpers.test_clock.ready"],
    };

    public static TheoryData<string> Triggers => [.. Sequences.Keys];

    [Theory]
    [MemberData(nameof(Triggers))]
    public async Task Trigger_ends_with_Stripes_own_events_signed_and_well_formed(string trigger)
    {
        await using var stage = await Stage.OpenAsync();
        var outcome = await TriggerAsync(stage, trigger);
        outcome.ExitCode.ShouldBe(0, outcome.ToString());
        var expected = Sequences[trigger];
        var arrived = await stage.EventsAsync(expected.Length);
        arrived.ShouldBe([.. expected.Order(StringComparer.Ordinal)]);
        stage.Faults().ShouldBeEmpty();
        stage.Recorder.Exchanges.ShouldNotBeEmpty("else the CLI has not gone through the recorder");
    }

    [Fact]
    public async Task A_completed_session_is_paid_and_one_of_a_debit_is_not_paid_yet()
    {
        await using var stage = await Stage.OpenAsync();
        await TriggerAsync(stage, "checkout.session.completed");
        await TriggerAsync(stage, "checkout.session.async_payment_succeeded");
        await stage.EventsAsync(Sequences["checkout.session.completed"].Length + Sequences["checkout.session.async_payment_succeeded"].Length);
        var completed = stage.Recorder.Deliveries.Where(d => d.Type is "checkout.session.completed").Select(d => d.Subject).ToList();
        completed.ShouldAllBe(s => s["status"]!.GetValue<string>() == "complete" && s["url"] == null && s["amount_total"]!.GetValue<long>() == 3000);
        completed.Select(s => (s["currency"]!.GetValue<string>(), s["payment_status"]!.GetValue<string>())).Order()
            .ShouldBe([("eur", "unpaid"), ("usd", "paid")]);
        stage.Recorder.Deliveries.Single(d => d.Type is "checkout.session.async_payment_succeeded").Subject["payment_status"]!
            .GetValue<string>().ShouldBe("paid");
    }

    [Fact]
    public async Task A_key_that_is_not_the_sandboxs_is_refused()
    {
        await using var stage = await Stage.OpenAsync();
        var outcome = await TriggerAsync(stage, "customer.created", "sk_test_somebodyelses0123456789");
        outcome.ExitCode.ShouldNotBe(0);
        stage.Recorder.Exchanges.ShouldAllBe(e => e.Status == 401);
    }

    private static async Task<Programs.Outcome> TriggerAsync(Stage stage, string trigger, string? key = null)
    {
        var cli = await JudgesPackages.FileAsync("@stripe", "cli", "bin", "shim.js");
        // A home of its own: the CLI keeps a configuration, and must not find or leave one of the developer's.
        var home = Directory.CreateTempSubdirectory("payments-judge-");
        try
        {
            return await Programs.RunAsync(
                Programs.Node,
                [cli, "trigger", trigger, "--api-key", key ?? stage.Simulator.SecretKey, "--api-base", stage.Recorder.Address.ToString().TrimEnd('/')],
                home.FullName,
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["STRIPE_CLI_TELEMETRY_OPTOUT"] = "1",
                    ["HOME"] = home.FullName,
                    ["XDG_CONFIG_HOME"] = home.FullName,
                    // It also asks for newer versions of itself; nothing here leaves the machine. Loopback is never proxied.
                    ["HTTPS_PROXY"] = "http://127.0.0.1:9",
                    ["HTTP_PROXY"] = "http://127.0.0.1:9",
                });
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }
}
