using System.Net;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Refunding_a_charge
{
    private static readonly string[] Paid = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"];

    [Fact]
    public async Task In_full_tells_so_C1()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await PayAsync(sandbox);
        var refund = await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}&reason=requested_by_customer&metadata[refund]=1");
        refund.Status.ShouldBe(HttpStatusCode.OK, refund.Text);
        refund["amount"].ShouldBe("2000");
        refund["status"].ShouldBe("succeeded");
        refund["charge"].ShouldBe(paid["latest_charge"]);
        refund["metadata.refund"].ShouldBe("1");
        (await sandbox.EventTypesAsync()).ShouldBe([.. Paid, "refund.created", "charge.refunded"]);
        var told = (await sandbox.EventAsync("charge.refunded"))["data"]!["object"]!;
        told["refunded"]!.GetValue<bool>().ShouldBeTrue();
        told["amount_refunded"]!.GetValue<long>().ShouldBe(2000);
        told.AsObject().ContainsKey("refunds").ShouldBeFalse("Stripe leaves it out unless it is asked to expand it");

        await sandbox.AdvanceAsync("PT1M");
        (await sandbox.EventTypesAsync())[5..].ShouldBe(["refund.updated", "charge.refund.updated"]);
        var updated = await sandbox.EventAsync("charge.refund.updated");
        updated["data"]!["object"]!["object"]!.ToString().ShouldBe("refund");
        updated["data"]!["object"]!["destination_details"]!["card"]!["reference"].ShouldNotBeNull();
        updated["data"]!["previous_attributes"]!["destination_details"]!["card"]!["reference_status"]!.ToString().ShouldBe("pending");
        (await sandbox.GetAsync($"/v1/payment_intents/{paid["id"]}"))["status"].ShouldBe("succeeded");
    }

    [Fact]
    public async Task In_parts_adds_up_and_never_gives_back_more_than_was_paid_C2()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await PayAsync(sandbox);
        var charge = paid["latest_charge"];
        var first = await sandbox.PostAsync("/v1/refunds", $"charge={charge}&amount=500");
        (await sandbox.EventAsync("charge.refunded"))["data"]!["object"]!["refunded"]!.GetValue<bool>().ShouldBeFalse();
        var tooMuch = await sandbox.PostAsync("/v1/refunds", $"charge={charge}&amount=1501");
        tooMuch.Status.ShouldBe(HttpStatusCode.BadRequest);
        tooMuch["error.message"].ShouldBe("Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)");
        tooMuch["error.param"].ShouldBe("amount");
        (await sandbox.PostAsync("/v1/refunds", $"charge={charge}&amount=2001"))["error.message"].ShouldBe("Refund amount ($20.01) is greater than charge amount ($20.00)");
        (await sandbox.PostAsync("/v1/refunds", $"charge={charge}&amount=0"))["error.code"].ShouldBe("parameter_invalid_integer");
        var rest = await sandbox.PostAsync("/v1/refunds", $"charge={charge}");
        rest["amount"].ShouldBe("1500");
        var again = await sandbox.PostAsync("/v1/refunds", $"charge={charge}");
        again.Status.ShouldBe(HttpStatusCode.BadRequest);
        again["error.code"].ShouldBe("charge_already_refunded");
        again["error.message"].ShouldBe($"Charge {charge} has already been refunded.");

        var expanded = await sandbox.GetAsync($"/v1/charges/{charge}?expand[]=refunds");
        expanded["amount_refunded"].ShouldBe("2000");
        expanded.Json["refunds"]!["data"]!.AsArray().Select(r => r!["id"]!.ToString()).ShouldBe([rest["id"]!, first["id"]!]);
        var deep = await sandbox.GetAsync($"/v1/payment_intents/{paid["id"]}?expand[]=latest_charge.refunds");
        deep.Json["latest_charge"]!["refunds"]!["data"]!.AsArray().Count.ShouldBe(2);
        var listed = await sandbox.GetAsync($"/v1/refunds?payment_intent={paid["id"]}&expand[]=data.balance_transaction");
        listed.Json["data"]!.AsArray().Select(r => r!["balance_transaction"]!["amount"]!.GetValue<long>()).ShouldBe([-1500, -500]);
    }

    [Fact]
    public async Task By_fifty_at_once_never_gives_back_more_than_was_paid()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await PayAsync(sandbox);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}&amount=150", $"refund-{i}")));
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(13);
        (await sandbox.GetAsync($"/v1/charges/{paid["latest_charge"]}"))["amount_refunded"].ShouldBe("1950");
    }

    [Fact]
    public async Task Is_pending_first_with_the_card_for_it()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await PayAsync(sandbox, "pm_card_pendingRefund");
        var refund = await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}");
        refund["status"].ShouldBe("pending");
        await sandbox.AdvanceAsync("PT1M");
        (await sandbox.GetAsync($"/v1/refunds/{refund["id"]}"))["status"].ShouldBe("succeeded");
        var updated = await sandbox.EventAsync("refund.updated");
        updated["data"]!["previous_attributes"]!["status"]!.ToString().ShouldBe("pending");
        (await sandbox.EventTypesAsync()).ShouldNotContain("refund.failed");
    }

    [Fact]
    public async Task Fails_later_with_the_card_for_it_and_can_be_done_again_C3()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await PayAsync(sandbox, "pm_card_refundFail");
        var refund = await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}&amount=700");
        refund["status"].ShouldBe("succeeded");
        await sandbox.AdvanceAsync("PT1M");
        (await sandbox.EventTypesAsync()).ShouldBe(
            [.. Paid, "refund.created", "charge.refunded", "refund.failed", "refund.updated", "charge.refund.updated"], "nothing else, and in this order");
        var failed = await sandbox.GetAsync($"/v1/refunds/{refund["id"]}?expand[]=failure_balance_transaction");
        failed["status"].ShouldBe("failed");
        failed["failure_reason"].ShouldBe("expired_or_canceled_card");
        failed["failure_balance_transaction.amount"].ShouldBe("700");
        var charge = await sandbox.GetAsync($"/v1/charges/{paid["latest_charge"]}");
        charge["amount_refunded"].ShouldBe("0");
        (await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}"))["amount"].ShouldBe("2000");
    }

    [Fact]
    public async Task Of_a_bank_debit_takes_the_bank_its_time()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var method = await sandbox.PostAsync(
            "/v1/payment_methods", "type=sepa_debit&sepa_debit[iban]=AT611904300234573201&billing_details[name]=Ada&billing_details[email]=ada@example.com");
        var intent = await sandbox.PostAsync(
            "/v1/payment_intents", $"amount=2000&currency=eur&payment_method_types[]=sepa_debit&confirm=true&payment_method={method["id"]}");
        (await sandbox.PostAsync("/v1/refunds", $"payment_intent={intent["id"]}"))["error.message"]
            .ShouldBe($"This PaymentIntent ({intent["id"]}) does not have a successful charge to refund.");
        await sandbox.AdvanceAsync("PT2M");
        var refund = await sandbox.PostAsync("/v1/refunds", $"payment_intent={intent["id"]}");
        refund["id"]!.ShouldStartWith("pyr_");
        refund["status"].ShouldBe("pending");
        var canceled = await sandbox.PostAsync($"/v1/refunds/{refund["id"]}/cancel");
        canceled["status"].ShouldBe("canceled");
        (await sandbox.PostAsync($"/v1/refunds/{refund["id"]}/cancel")).Status.ShouldBe(HttpStatusCode.BadRequest);
        var second = await sandbox.PostAsync("/v1/refunds", $"payment_intent={intent["id"]}&amount=1200");
        await sandbox.AdvanceAsync("PT1M");
        (await sandbox.GetAsync($"/v1/refunds/{second["id"]}"))["status"].ShouldBe("succeeded");
        (await sandbox.GetAsync($"/v1/refunds/{refund["id"]}"))["status"].ShouldBe("canceled");
        (await sandbox.GetAsync($"/v1/charges/{refund["charge"]}"))["amount_refunded"].ShouldBe("1200");
    }

    [Fact]
    public async Task Changes_its_metadata_and_tells_so_C4()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await PayAsync(sandbox);
        var refund = await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}");
        var changed = await sandbox.PostAsync($"/v1/refunds/{refund["id"]}", "metadata[why]=late");
        changed["metadata.why"].ShouldBe("late");
        (await sandbox.EventTypesAsync())[^2..].ShouldBe(["refund.updated", "charge.refund.updated"]);
        (await sandbox.PostAsync($"/v1/refunds/{refund["id"]}", "amount=1"))["error.code"].ShouldBe("parameter_unknown");
        (await sandbox.PostAsync($"/v1/refunds/{refund["id"]}/cancel")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("kwd", 2000, 15)]
    [InlineData("isk", 200000, 150)]
    [InlineData("jpy", 2000, 0)]
    public async Task Obeys_the_currencys_steps(string currency, int amount, int wrong)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await sandbox.PostAsync("/v1/payment_intents", $"amount={amount}&currency={currency}&payment_method_types[]=card&confirm=true&payment_method=pm_card_visa");
        (await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}&amount={wrong}"))["error.code"].ShouldBe("parameter_invalid_integer");
        (await sandbox.PostAsync("/v1/refunds", $"payment_intent={paid["id"]}&amount={amount / 2}")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("amount=5", "parameter_missing")]
    [InlineData("charge=ch_nothing", "resource_missing")]
    [InlineData("payment_intent=pi_nothing", "resource_missing")]
    [InlineData("charge=ch_a&payment_intent=pi_a", "parameters_exclusive")]
    public async Task Needs_one_payment_that_there_is(string form, string code)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var refused = await sandbox.PostAsync("/v1/refunds", form);
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused["error.code"].ShouldBe(code);
    }

    [Fact]
    public async Task From_the_dashboard_carries_nothing_of_the_sellers_and_the_truth_knows_it()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await PayAsync(sandbox);
        var refund = await sandbox.ControlAsync("/sandbox/refunds", $$"""{ "payment_intent": "{{paid["id"]}}", "amount": 300 }""");
        refund.Status.ShouldBe(HttpStatusCode.OK, refund.Text);
        refund.Json["metadata"]!.AsObject().ShouldBeEmpty();
        await sandbox.ControlAsync("/sandbox/refunds", $$"""{ "charge": "{{paid["latest_charge"]}}", "amount": 200 }""");
        var created = await sandbox.EventAsync("refund.created");
        created["request"]!["id"].ShouldBeNull("no request of the seller's brought it about");
        (await sandbox.ControlAsync("/sandbox/refunds", "{}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.ControlAsync("/sandbox/refunds", $$"""{ "charge": "{{paid["latest_charge"]}}", "amount": "all" }""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.ControlAsync("/sandbox/refunds", $$"""{ "charge": "{{paid["latest_charge"]}}", "amount": 9000 }""")).Status.ShouldBe(HttpStatusCode.BadRequest);

        var truth = await sandbox.GetAsync("/sandbox/truth");
        truth["payments.0.amount"].ShouldBe("2000");
        truth["payments.0.refunded"].ShouldBe("500");
        truth["refunded.usd"].ShouldBe("500");
        truth["disputed.usd"].ShouldBe("0");
        var shown = await sandbox.GetAsync("/sandbox/payments");
        shown["items.0.refundable"].ShouldBe("1500");
        shown["items.0.shownRefunded"].ShouldBe("$5.00");
    }

    private static async Task<Reply> PayAsync(Sandbox sandbox, string method = "pm_card_visa")
    {
        var paid = await sandbox.PostAsync("/v1/payment_intents", $"amount=2000&currency=usd&payment_method_types[]=card&confirm=true&payment_method={method}");
        paid["status"].ShouldBe("succeeded", paid.Text);
        return paid;
    }
}
