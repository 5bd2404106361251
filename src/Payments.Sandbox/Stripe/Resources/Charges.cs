using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

internal static class Charges
{
    /// <summary>Due some seconds after a charge: its balance transaction exists.</summary>
    public const string BalanceDue = "balance";

    private const string Type = "charge";

    public static void Map(RouteTable routes)
    {
        routes.Get("/v1/charges", call => Lists.Page(call, Type, "charge", "customer", "payment_intent"));
        routes.Get("/v1/charges/{id}", call => call.Work.FromPath(call.Id, Type, "charge"));
        routes.Post("/v1/charges/{id}", Update);
    }

    /// <summary>A charge of an intent by a method: pending, failed or succeeded by what the caller then makes of it.</summary>
    public static JsonObject New(Work work, JsonObject intent, JsonObject method)
    {
        var isCard = method.Text("type") is "card";
        var amount = intent.Integer("amount")!.Value;
        var id = Ids.New(isCard ? "ch_" : "py_");
        return new JsonObject
        {
            ["id"] = id,
            ["object"] = Type,
            ["amount"] = amount,
            ["amount_captured"] = 0,
            ["amount_refunded"] = 0,
            ["application"] = null,
            ["application_fee"] = null,
            ["application_fee_amount"] = null,
            ["balance_transaction"] = null,
            ["billing_details"] = method.Copy("billing_details"),
            ["calculated_statement_descriptor"] = isCard ? "SANDBOX" : null,
            ["captured"] = false,
            ["created"] = work.Now,
            ["currency"] = intent.Text("currency"),
            ["customer"] = intent.Text("customer"),
            ["description"] = intent.Text("description"),
            ["disputed"] = false,
            ["failure_balance_transaction"] = null,
            ["failure_code"] = null,
            ["failure_message"] = null,
            ["fraud_details"] = new JsonObject(),
            ["livemode"] = false,
            ["metadata"] = intent.Copy("metadata"),
            ["on_behalf_of"] = null,
            ["outcome"] = null,
            ["paid"] = false,
            ["payment_intent"] = intent.Text("id"),
            ["payment_method"] = method.Text("id"),
            ["payment_method_details"] = isCard ? CardDetails(method, intent, amount) : DebitDetails(method),
            ["radar_options"] = new JsonObject(),
            ["receipt_email"] = intent.Text("receipt_email"),
            ["receipt_number"] = null,
            ["receipt_url"] = null,
            ["refunded"] = false,
            ["review"] = null,
            ["shipping"] = intent.Copy("shipping"),
            ["source"] = null,
            ["source_transfer"] = null,
            ["statement_descriptor"] = intent.Text("statement_descriptor"),
            ["statement_descriptor_suffix"] = intent.Text("statement_descriptor_suffix"),
            ["status"] = "pending",
            ["transfer_data"] = null,
            ["transfer_group"] = intent.Text("transfer_group"),
        };
    }

    public static void Fail(JsonObject charge, Decline decline, string riskLevel)
    {
        charge["status"] = "failed";
        charge["paid"] = false;
        charge["captured"] = false;
        charge["amount_captured"] = 0;
        charge["failure_code"] = decline.Code;
        charge["failure_message"] = decline.Message;
        charge["outcome"] = new JsonObject
        {
            ["advice_code"] = decline.AdviceCode,
            ["network_advice_code"] = null,
            ["network_decline_code"] = decline.NetworkDeclineCode,
            ["network_status"] = decline.Blocked ? "not_sent_to_network" : "declined_by_network",
            ["reason"] = decline.Blocked ? "highest_risk_level" : decline.DeclineCode ?? decline.Code,
            ["risk_level"] = riskLevel,
            ["risk_score"] = RiskScore(riskLevel),
            ["seller_message"] = decline.Blocked
                ? "Stripe blocked this payment as too risky."
                : "The bank did not return any further details with this decline.",
            ["type"] = decline.Blocked ? "blocked" : "issuer_declined",
        };
    }

    public static void Succeed(JsonObject charge, bool captured, string riskLevel)
    {
        charge["status"] = "succeeded";
        charge["paid"] = true;
        charge["captured"] = captured;
        charge["amount_captured"] = captured ? charge.Copy("amount") : 0;
        charge["outcome"] = new JsonObject
        {
            ["advice_code"] = null,
            ["network_advice_code"] = null,
            ["network_decline_code"] = null,
            ["network_status"] = "approved_by_network",
            ["reason"] = null,
            ["risk_level"] = riskLevel,
            ["risk_score"] = RiskScore(riskLevel),
            ["seller_message"] = "Payment complete.",
            ["type"] = "authorized",
        };
    }

    /// <summary>Gives a captured charge its place in the balance: charge.updated, one to three seconds after the charge.</summary>
    public static void Settle(Work work, string id)
    {
        var charge = work.Find(id, Type);
        if (charge is null || charge["balance_transaction"] is not null)
        {
            return;
        }

        var before = charge.DeepClone().AsObject();
        var amount = charge.Integer("amount_captured")!.Value;
        var fee = Math.Min(amount, (long)Math.Round(amount * 0.029m, MidpointRounding.AwayFromZero) + 30);
        var isBankDebit = id.StartsWith("py_", StringComparison.Ordinal);
        var transaction = BalanceTransactions.Move(
            work,
            new Movement(id, isBankDebit ? "payment" : "charge", "charge", amount, charge.Text("currency")!) { Description = charge.Text("description"), Fee = fee });
        charge["balance_transaction"] = transaction.Text("id");
        work.Save(charge);
        work.EmitUpdated("charge.updated", before, charge);
    }

    private static JsonObject Update(Call call)
    {
        var charge = call.Work.FromPath(call.Id, Type, "charge");
        var before = charge.DeepClone().AsObject();
        charge.TakeOver(call.Parameters, "description", "receipt_email");
        Metadata.Merge(charge, call.Parameters);
        call.Work.Save(charge);
        call.Work.EmitUpdated("charge.updated", before, charge);
        return charge;
    }

    private static int RiskScore(string level) => level switch
    {
        "highest" => 92,
        "elevated" => 68,
        _ => 21,
    };

    private static JsonObject CardDetails(JsonObject method, JsonObject intent, long amount)
    {
        var card = method.Hash("card")!;
        return new JsonObject
        {
            ["card"] = new JsonObject
            {
                ["amount_authorized"] = amount,
                ["authorization_code"] = Ids.Random(6).ToUpperInvariant(),
                ["brand"] = card.Text("brand"),
                ["checks"] = card.Copy("checks"),
                ["country"] = card.Text("country"),
                ["exp_month"] = card.Copy("exp_month"),
                ["exp_year"] = card.Copy("exp_year"),
                ["extended_authorization"] = new JsonObject { ["status"] = "disabled" },
                ["fingerprint"] = card.Text("fingerprint"),
                ["funding"] = card.Text("funding"),
                ["incremental_authorization"] = new JsonObject { ["status"] = "unavailable" },
                ["installments"] = null,
                ["last4"] = card.Text("last4"),
                ["mandate"] = null,
                ["multicapture"] = new JsonObject { ["status"] = "unavailable" },
                ["network"] = card.Text("brand"),
                ["network_token"] = new JsonObject { ["used"] = false },
                ["network_transaction_id"] = Ids.Random(15).ToUpperInvariant(),
                ["overcapture"] = new JsonObject { ["maximum_amount_capturable"] = amount, ["status"] = "unavailable" },
                ["regulated_status"] = "unregulated",
                ["three_d_secure"] = intent.Private().Flag("authenticated") == true ? Authenticated() : null,
                ["transaction_link_id"] = null,
                ["wallet"] = null,
            },
            ["type"] = "card",
        };
    }

    private static JsonObject Authenticated() => new()
    {
        ["authentication_flow"] = "challenge",
        ["electronic_commerce_indicator"] = "05",
        ["exemption_indicator"] = null,
        ["result"] = "authenticated",
        ["result_reason"] = null,
        ["transaction_id"] = Guid.NewGuid().ToString(),
        ["version"] = "2.2.0",
    };

    private static JsonObject DebitDetails(JsonObject method)
    {
        var type = method.Text("type")!;
        var given = method.Hash(type)!;
        var details = type is "sepa_debit"
            ? new JsonObject
            {
                ["bank_code"] = given.Text("bank_code"),
                ["branch_code"] = given.Copy("branch_code"),
                ["country"] = given.Text("country"),
                ["fingerprint"] = given.Text("fingerprint"),
                ["last4"] = given.Text("last4"),
                ["mandate"] = null,
            }
            : new JsonObject
            {
                ["account_holder_type"] = given.Text("account_holder_type"),
                ["account_type"] = given.Text("account_type"),
                ["bank_name"] = given.Text("bank_name"),
                ["fingerprint"] = given.Text("fingerprint"),
                ["last4"] = given.Text("last4"),
                ["payment_reference"] = null,
                ["routing_number"] = given.Text("routing_number"),
            };
        return new JsonObject { [type] = details, ["type"] = type };
    }
}
