using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Money back to the buyer. A charge's amount_refunded counts what is on its way too, until it fails.</summary>
internal static class Refunds
{
    /// <summary>Due when the buyer's bank has had its say.</summary>
    public const string SettleDue = "refund";

    private const string Type = "refund";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/refunds", call => Create(call.Work, call.Parameters));
        routes.Get("/v1/refunds", call => Lists.Page(call, Type, Type, "charge", "payment_intent"));
        routes.Get("/v1/refunds/{id}", call => call.Work.FromPath(call.Id, Type, Type));
        routes.Post("/v1/refunds/{id}", Update);
        routes.Post("/v1/refunds/{id}/cancel", Cancel);
    }

    public static JsonObject Create(Work work, JsonObject parameters)
    {
        var charge = ChargeOf(work, parameters);
        var currency = charge.Text("currency")!;
        var left = Left(charge);
        if (left == 0)
        {
            throw StripeException.Conflict($"Charge {charge.Text("id")} has already been refunded.", "charge_already_refunded");
        }

        var amount = parameters.Integer("amount") ?? left;
        CheckAmount(amount, charge, left, currency);
        Disputes.CheckRefundable(work, charge);
        var method = work.Find(charge.Text("payment_method")!, "payment_method")!;
        var course = method.Text("type") is "card" ? PaymentMethods.CardOf(method)!.Refunds : RefundCourse.Waits;
        var refund = New(work, charge, amount, parameters, course);
        charge["amount_refunded"] = charge.Integer("amount_refunded")!.Value + amount;
        charge["refunded"] = left == amount;
        if (parameters.Text("reason") is "fraudulent")
        {
            charge["fraud_details"] = new JsonObject { ["user_report"] = "fraudulent" };
        }

        work.Save(refund);
        work.Save(charge);
        work.Emit("refund.created", refund);
        work.Emit("charge.refunded", charge);
        work.Schedule(SettleDue, refund.Text("id")!, work.Time + work.Options.AftermathDelay);
        if (left == amount)
        {
            Disputes.CloseInquiries(work, charge);
            EarlyFraudWarnings.Settle(work, charge);
        }

        return refund;
    }

    /// <summary>What can still be given back of a charge.</summary>
    public static long Left(JsonObject charge) => charge.Integer("amount_captured")!.Value - charge.Integer("amount_refunded")!.Value;

    /// <summary>The list that a charge shows when it is asked to expand it.</summary>
    public static JsonObject OfCharge(Work work, string charge)
    {
        const int Shown = 10;
        var newest = work.NewestFirst(Type)
            .Where(r => string.Equals(r.Filter("charge"), charge, StringComparison.Ordinal))
            .Take(Shown + 1)
            .Select(r => (JsonNode)DeclineBodies.Shown(work.Find(r.Id)!))
            .ToList();
        return Lists.Of(newest.Take(Shown), newest.Count > Shown, $"/v1/charges/{charge}/refunds");
    }

    /// <summary>The bank has answered: the refund succeeds, gets its reference, or fails after all.</summary>
    public static void Settle(Work work, string id)
    {
        var refund = work.Find(id, Type)!;
        if (refund.Text("status") is not ("pending" or "succeeded"))
        {
            return;
        }

        var before = refund.DeepClone().AsObject();
        if (refund.Private().Flag("fails") == true)
        {
            refund["status"] = "failed";
            refund["failure_reason"] = "expired_or_canceled_card";
            GiveBack(work, refund);
            work.Emit("refund.failed", refund);
        }
        else
        {
            refund["status"] = "succeeded";
            refund.Remove("pending_reason");
            if (refund.Hash("destination_details").Hash("card") is { } card)
            {
                card["reference"] = Ids.Random(16).ToUpperInvariant();
                card["reference_status"] = "available";
            }
        }

        work.Save(refund);
        EmitUpdated(work, before, refund);
    }

    private static JsonObject Update(Call call)
    {
        var refund = call.Work.FromPath(call.Id, Type, Type);
        var before = refund.DeepClone().AsObject();
        Metadata.Merge(refund, call.Parameters);
        call.Work.Save(refund);
        EmitUpdated(call.Work, before, refund);
        return refund;
    }

    private static JsonObject Cancel(Call call)
    {
        var work = call.Work;
        var refund = work.FromPath(call.Id, Type, Type);
        if (refund.Text("status") is not ("pending" or "requires_action"))
        {
            throw StripeException.Conflict(
                $"You cannot cancel this Refund because it has a status of {refund.Text("status")}. Only a Refund with one of the following statuses may be canceled: requires_action, pending.");
        }

        var before = refund.DeepClone().AsObject();
        refund["status"] = "canceled";
        refund.Remove("pending_reason");
        GiveBack(work, refund);
        work.Save(refund);
        work.CallOff(SettleDue, call.Id);
        EmitUpdated(work, before, refund);
        return refund;
    }

    /// <summary>Stripe tells the same twice: once by the refund's newer name, once by the charge's older one.</summary>
    private static void EmitUpdated(Work work, JsonObject before, JsonObject refund)
    {
        work.EmitUpdated("refund.updated", before, refund);
        work.EmitUpdated("charge.refund.updated", before, refund);
    }

    /// <summary>The money is the seller's again, and the charge can be refunded again.</summary>
    private static void GiveBack(Work work, JsonObject refund)
    {
        var amount = refund.Integer("amount")!.Value;
        var charge = work.Find(refund.Text("charge")!, "charge")!;
        charge["amount_refunded"] = charge.Integer("amount_refunded")!.Value - amount;
        charge["refunded"] = false;
        work.Save(charge);
        refund["failure_balance_transaction"] = BalanceTransactions
            .Move(work, new Movement(refund.Text("id")!, "refund_failure", "refund_failure", amount, refund.Text("currency")!))
            .Text("id");
    }

    private static JsonObject New(Work work, JsonObject charge, long amount, JsonObject parameters, RefundCourse course)
    {
        var isCard = charge.Text("id")!.StartsWith("ch_", StringComparison.Ordinal);
        var id = Ids.New(isCard ? "re_" : "pyr_");
        var currency = charge.Text("currency")!;
        var type = charge.Hash("payment_method_details").Text("type")!;
        var transaction = BalanceTransactions.Move(work, new Movement(id, isCard ? "refund" : "payment_refund", "refund", -amount, currency)
        {
            Description = "REFUND FOR CHARGE" + (charge.Text("description") is { } text ? $" ({text})" : ""),
        });
        var refund = new JsonObject
        {
            ["id"] = id,
            ["object"] = Type,
            ["amount"] = amount,
            ["balance_transaction"] = transaction.Text("id"),
            ["charge"] = charge.Text("id"),
            ["created"] = work.Now,
            ["currency"] = currency,
            ["customer"] = null,
            ["customer_account"] = null,
            ["destination_details"] = isCard
                ? new JsonObject
                {
                    ["card"] = new JsonObject { ["reference_status"] = "pending", ["reference_type"] = "acquirer_reference_number", ["type"] = "refund" },
                    ["type"] = "card",
                }
                : new JsonObject { ["type"] = type is "sepa_debit" ? "sepa_bank_transfer" : "us_bank_transfer" },
            ["metadata"] = Metadata.From(parameters),
            ["payment_intent"] = charge.Text("payment_intent"),
            ["payment_method"] = null,
            ["reason"] = parameters.Text("reason"),
            ["receipt_number"] = null,
            ["source_transfer_reversal"] = null,
            ["status"] = course is RefundCourse.Waits ? "pending" : "succeeded",
            ["transfer_reversal"] = null,
        };
        if (course is RefundCourse.Waits)
        {
            refund["pending_reason"] = "processing";
        }

        refund.Private()["fails"] = course is RefundCourse.FailsLater;
        return refund;
    }

    private static JsonObject ChargeOf(Work work, JsonObject parameters)
    {
        var (charge, intent) = (parameters.Text("charge"), parameters.Text("payment_intent"));
        if (parameters.Text("origin") is not null)
        {
            throw StripeException.Invalid("The sandbox's Stripe keeps no customer balances to refund from.", "origin");
        }

        switch (charge, intent)
        {
            case (null, null):
                throw StripeException.Invalid("One of the following params should be provided for this request: payment_intent or charge.", code: "parameter_missing");
            case ({ }, { }):
                throw StripeException.Invalid("You may only specify one of these parameters: charge, payment_intent.", "payment_intent", "parameters_exclusive");
            case (null, { }):
                var paid = work.FromParameter(intent, "payment_intent", "payment_intent", "payment_intent");
                return paid.Text("status") is "succeeded"
                    ? work.Find(paid.Text("latest_charge")!, "charge")!
                    : throw StripeException.Conflict($"This PaymentIntent ({intent}) does not have a successful charge to refund.");
            default:
                var found = work.FromParameter(charge!, "charge", "charge", "charge");
                return found is var c && c.Text("status") is "succeeded" && c.Flag("captured") == true
                    ? c
                    : throw StripeException.Conflict($"Charge {charge} has not succeeded, so there is nothing to refund.");
        }
    }

    private static void CheckAmount(long amount, JsonObject charge, long left, string currency)
    {
        if (amount < 1)
        {
            throw StripeException.Invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer");
        }

        Currencies.CheckStep(amount, currency, "amount");
        var captured = charge.Integer("amount_captured")!.Value;
        if (amount > captured)
        {
            throw StripeException.Conflict($"Refund amount ({Shown(amount)}) is greater than charge amount ({Shown(captured)})", param: "amount");
        }

        if (amount > left)
        {
            throw StripeException.Conflict($"Refund amount ({Shown(amount)}) is greater than unrefunded amount on charge ({Shown(left)})", param: "amount");
        }

        string Shown(long value) => Currencies.Format(value, currency)[..^(currency.Length + 1)];
    }
}
