using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>A buyer who asks the bank for the money back. Money leaves when a chargeback opens, and returns when it is won.</summary>
internal static class Disputes
{
    /// <summary>Due when the bank has read evidence that says itself how it ends.</summary>
    public const string VerdictDue = "verdict";

    /// <summary>Due when an answer would come too late, or when an inquiry has come to nothing.</summary>
    public const string DeadlineDue = "dispute_deadline";

    private const string Type = "dispute";

    private static readonly TimeSpan ToAnswer = TimeSpan.FromDays(9);
    private static readonly TimeSpan InquiryLasts = TimeSpan.FromDays(120);

    private static readonly string[] EvidenceFields =
    [
        "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal",
        "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
        "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt",
        "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
        "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
        "uncategorized_file", "uncategorized_text",
    ];

    public static void Map(RouteTable routes)
    {
        routes.Get("/v1/disputes", call => Lists.Page(call, Type, Type, "charge", "payment_intent"));
        routes.Get("/v1/disputes/{id}", call => Get(call.Work, call.Id));
        routes.Post("/v1/disputes/{id}", Update);
        routes.Post("/v1/disputes/{id}/close", Close);
    }

    public static JsonObject Get(Work work, string id) => work.FromPath(id, Type, Type);

    public static void Begin(Work work, JsonObject charge, Aftermath aftermath)
    {
        if (aftermath.IsFraudWarning)
        {
            EarlyFraudWarnings.Create(work, charge);
            return;
        }

        var amount = Refunds.Left(charge);
        for (var part = aftermath.Parts; part > 0; part--)
        {
            var share = amount / part;
            amount -= share;
            Open(work, charge, share, aftermath);
        }
    }

    public static JsonObject Open(Work work, JsonObject charge, long amount, Aftermath aftermath)
    {
        var dispute = New(work, charge, amount, aftermath);
        var id = dispute.Text("id")!;
        if (!aftermath.IsInquiry)
        {
            Withdraw(work, dispute);
        }

        work.Save(dispute);
        work.Emit("charge.dispute.created", dispute);
        if (aftermath.IsInquiry)
        {
            work.Schedule(DeadlineDue, id, work.Time + InquiryLasts);
            return dispute;
        }

        TellWithdrawn(work, dispute, charge);
        if (aftermath.IsFinal)
        {
            Finish(work, dispute, "lost");
        }
        else
        {
            work.Schedule(DeadlineDue, id, DateTimeOffset.FromUnixTimeSeconds(DueBy(dispute)));
        }

        return dispute;
    }

    /// <summary>The inquiry was not answered to the bank's liking: it is a chargeback now, over what has not been refunded since.</summary>
    public static JsonObject Escalate(Work work, string id)
    {
        var dispute = Get(work, id);
        if (!IsInquiry(dispute))
        {
            throw StripeException.Conflict($"Only an inquiry can be escalated. This dispute has a status of {dispute.Text("status")}.");
        }

        var charge = work.Find(dispute.Text("charge")!, "charge")!;
        var before = dispute.DeepClone().AsObject();
        dispute["status"] = "needs_response";
        dispute["amount"] = Refunds.Left(charge);
        dispute["is_charge_refundable"] = false;
        dispute.Hash("evidence_details")!["due_by"] = EndOfDay(work.Time + ToAnswer);
        if (dispute.Hash("payment_method_details").Hash("card") is { } card)
        {
            card["case_type"] = "chargeback";
        }

        Withdraw(work, dispute);
        work.Save(dispute);
        work.Schedule(DeadlineDue, id, DateTimeOffset.FromUnixTimeSeconds(DueBy(dispute)));
        work.EmitUpdated("charge.dispute.updated", before, dispute);
        TellWithdrawn(work, dispute, charge);
        return dispute;
    }

    /// <summary>
    /// The bank's verdict, as the sandbox's controls give it; an inquiry then comes to nothing or to a chargeback lost. A bank
    /// may think better of one that it gave against us.
    /// </summary>
    public static JsonObject Rule(Work work, string id, bool won)
    {
        var dispute = Get(work, id);
        if (!(won && dispute.Text("status") is "lost"))
        {
            CheckOpen(dispute);
        }

        if (!IsInquiry(dispute))
        {
            Finish(work, dispute, won ? "won" : "lost");
        }
        else if (won)
        {
            Finish(work, dispute, "warning_closed");
        }
        else
        {
            Finish(work, Escalate(work, id), "lost");
        }

        return dispute;
    }

    /// <summary>A charge whose money the bank has taken back cannot be refunded as well.</summary>
    public static void CheckRefundable(Work work, JsonObject charge)
    {
        if (charge.Flag("disputed") == true && OfCharge(work, charge).Any(d => d.Text("status") is not ("won" or "warning_closed") && !IsInquiry(d)))
        {
            throw StripeException.Conflict($"Charge {charge.Text("id")} has been charged back; cannot issue a refund.", "charge_disputed");
        }
    }

    /// <summary>The buyer has all the money back, so that there is nothing left to ask about.</summary>
    public static void CloseInquiries(Work work, JsonObject charge)
    {
        foreach (var inquiry in OfCharge(work, charge).Where(IsInquiry).ToList())
        {
            Finish(work, inquiry, "warning_closed");
        }
    }

    public static void Decide(Work work, string id)
    {
        var dispute = Get(work, id);
        if (Verdict(dispute) is { } won && dispute.Text("status") is "under_review" or "warning_under_review")
        {
            Rule(work, id, won);
        }
    }

    public static void Lapse(Work work, string id)
    {
        var dispute = Get(work, id);
        if (IsInquiry(dispute))
        {
            Finish(work, dispute, "warning_closed");
        }
        else if (dispute.Text("status") is "needs_response")
        {
            dispute.Hash("evidence_details")!["past_due"] = true;
            Finish(work, dispute, "lost");
        }
    }

    private static JsonObject Update(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var dispute = Get(work, call.Id);
        var before = dispute.DeepClone().AsObject();
        var details = dispute.Hash("evidence_details")!;
        if (parameters.Hash("evidence") is { } given)
        {
            CheckAnswerable(dispute);
            dispute.Hash("evidence")!.TakeOver(given, EvidenceFields);
            if (given.Hash("enhanced_evidence") is not null)
            {
                throw StripeException.Invalid("The sandbox's Stripe knows no enhanced evidence.", "evidence[enhanced_evidence]");
            }

            details["has_evidence"] = dispute.Hash("evidence")!.Any(field => field.Value is JsonValue);
        }

        Metadata.Merge(dispute, parameters);
        // Evidence is handed in at once unless it is said to be kept for now.
        if (parameters.Flag("submit") ?? parameters.ContainsKey("evidence"))
        {
            CheckAnswerable(dispute);
            dispute["status"] = IsInquiry(dispute) ? "warning_under_review" : "under_review";
            details["submission_count"] = details.Integer("submission_count")!.Value + 1;
            if (Verdict(dispute) is not null)
            {
                work.Schedule(VerdictDue, call.Id, work.Time + work.Options.AftermathDelay);
            }
        }

        work.Save(dispute);
        work.EmitUpdated("charge.dispute.updated", before, dispute);
        return dispute;
    }

    private static JsonObject Close(Call call)
    {
        var dispute = Get(call.Work, call.Id);
        CheckOpen(dispute);
        Finish(call.Work, dispute, IsInquiry(dispute) ? "warning_closed" : "lost");
        return dispute;
    }

    private static void Finish(Work work, JsonObject dispute, string status)
    {
        var before = dispute.DeepClone().AsObject();
        var id = dispute.Text("id")!;
        dispute["status"] = status;
        if (status is "won")
        {
            var taken = dispute.Items("balance_transactions")!.Sum(t => t.Integer("amount")!.Value);
            var back = BalanceTransactions.Move(work, new Movement(id, "adjustment", "dispute_reversal", -taken, dispute.Text("currency")!)
            {
                Description = $"Chargeback reversal for {dispute.Text("charge")}",
            });
            dispute.Items("balance_transactions")!.Add(back.DeepClone());
        }

        work.Save(dispute);
        work.CallOff(DeadlineDue, id);
        work.CallOff(VerdictDue, id);
        work.EmitUpdated("charge.dispute.closed", before, dispute);
        if (status is "won")
        {
            work.Emit("charge.dispute.funds_reinstated", dispute);
        }
    }

    private static void Withdraw(Work work, JsonObject dispute)
    {
        var currency = dispute.Text("currency")!;
        var movement = new Movement(dispute.Text("id")!, "adjustment", "dispute", -dispute.Integer("amount")!.Value, currency)
        {
            Description = $"Chargeback withdrawal for {dispute.Text("charge")}",
            Fee = Fee(currency),
            FeeDescription = "Dispute fee",
        };
        dispute.Items("balance_transactions")!.Add(BalanceTransactions.Move(work, movement).DeepClone());
    }

    private static void TellWithdrawn(Work work, JsonObject dispute, JsonObject charge)
    {
        work.Emit("charge.dispute.funds_withdrawn", dispute);
        if (charge.Flag("disputed") == true)
        {
            return;
        }

        var before = charge.DeepClone().AsObject();
        charge["disputed"] = true;
        work.Save(charge);
        work.EmitUpdated("charge.updated", before, charge);
        EarlyFraudWarnings.Settle(work, charge);
    }

    /// <summary>15.00 in currencies with a minor unit, and about as much in those without.</summary>
    private static long Fee(string currency) => Currencies.Exponent(currency) switch
    {
        0 or 2 => 1_500,
        _ => 15_000,
    };

    /// <summary>What the test evidence says of its own fate; null when it says nothing.</summary>
    private static bool? Verdict(JsonObject dispute) => dispute.Hash("evidence").Text("uncategorized_text") switch
    {
        "winning_evidence" => true,
        "losing_evidence" => false,
        _ => null,
    };

    private static bool IsInquiry(JsonObject dispute) => dispute.Text("status") is "warning_needs_response" or "warning_under_review";

    private static IEnumerable<JsonObject> OfCharge(Work work, JsonObject charge) => work.NewestFirst(Type)
        .Where(d => string.Equals(d.Filter("charge"), charge.Text("id"), StringComparison.Ordinal))
        .Select(d => work.Find(d.Id)!);

    private static void CheckOpen(JsonObject dispute)
    {
        if (dispute.Text("status") is "won" or "lost" or "warning_closed" or "prevented")
        {
            throw StripeException.Conflict("This dispute is already closed");
        }
    }

    private static void CheckAnswerable(JsonObject dispute)
    {
        CheckOpen(dispute);
        if (dispute.Text("status") is "under_review" or "warning_under_review")
        {
            throw StripeException.Conflict("Evidence for this dispute has already been submitted, and can be submitted only once.");
        }
    }

    private static long DueBy(JsonObject dispute) => dispute.Hash("evidence_details").Integer("due_by")!.Value;

    private static long EndOfDay(DateTimeOffset time) => new DateTimeOffset(time.UtcDateTime.Date, TimeSpan.Zero).AddDays(1).ToUnixTimeSeconds() - 1;

    private static JsonObject New(Work work, JsonObject charge, long amount, Aftermath aftermath)
    {
        var evidence = new JsonObject();
        foreach (var field in EvidenceFields)
        {
            evidence[field] = null;
        }

        evidence["customer_email_address"] = charge.Hash("billing_details").Text("email");
        evidence["customer_name"] = charge.Hash("billing_details").Text("name");
        evidence["enhanced_evidence"] = new JsonObject();
        var networkReason = aftermath.Reason switch
        {
            "fraudulent" => "10.4",
            "product_not_received" => "13.1",
            _ => null,
        };
        var dispute = new JsonObject
        {
            ["id"] = Ids.New("du_"),
            ["object"] = Type,
            ["amount"] = amount,
            ["balance_transactions"] = new JsonArray(),
            ["charge"] = charge.Text("id"),
            ["created"] = work.Now,
            ["currency"] = charge.Text("currency"),
            ["enhanced_eligibility_types"] = new JsonArray(),
            ["evidence"] = evidence,
            ["evidence_details"] = new JsonObject
            {
                ["due_by"] = aftermath.IsFinal ? null : EndOfDay(work.Time + ToAnswer),
                ["enhanced_eligibility"] = new JsonObject(),
                ["has_evidence"] = false,
                ["past_due"] = false,
                ["submission_count"] = 0,
            },
            ["is_charge_refundable"] = aftermath.IsInquiry,
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["network_reason_code"] = networkReason,
            ["payment_intent"] = charge.Text("payment_intent"),
            ["reason"] = aftermath.Reason,
            ["status"] = aftermath.IsInquiry ? "warning_needs_response" : "needs_response",
        };
        if (charge.Hash("payment_method_details").Hash("card") is { } card)
        {
            dispute["payment_method_details"] = new JsonObject
            {
                ["card"] = new JsonObject
                {
                    ["brand"] = card.Text("brand"),
                    ["case_type"] = aftermath.IsInquiry ? "inquiry" : "chargeback",
                    ["network"] = card.Text("brand"),
                    ["network_reason_code"] = networkReason,
                },
                ["type"] = "card",
            };
        }

        return dispute;
    }
}
