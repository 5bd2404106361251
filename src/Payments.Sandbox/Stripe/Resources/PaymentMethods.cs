using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

internal static class PaymentMethods
{
    private const string Type = "payment_method";
    private const string Kind = "PaymentMethod";

    public static void Map(RouteTable routes)
    {
        routes.Post("/v1/payment_methods", call => Create(call.Work, call.Parameters));
        routes.Get("/v1/payment_methods", List);
        routes.Get("/v1/payment_methods/{id}", call => FromPath(call));
        routes.Post("/v1/payment_methods/{id}", Update);
        routes.Post("/v1/payment_methods/{id}/attach", AttachCall);
        routes.Post("/v1/payment_methods/{id}/detach", Detach);
    }

    public static JsonObject ListOfCustomer(Call call)
    {
        call.Work.FromPath(call.Id, "customer", "customer");
        call.Parameters["customer"] = call.Id;
        return Lists.Page(call, Type, Kind, "customer", "type", "allow_redisplay");
    }

    public static JsonObject Get(Work work, string id, string param) => work.FromParameter(id, Type, Kind, param);

    /// <summary>An existing method, or a new one for the id of a test card (pm_card_visa).</summary>
    public static JsonObject Resolve(Work work, string id, string param)
    {
        if (work.Find(id, Type) is { } existing)
        {
            return existing;
        }

        var card = id.StartsWith("pm_card_", StringComparison.Ordinal) ? TestCards.ById(id) : null;
        return card is null ? throw StripeException.Missing(Kind, id, param) : NewCard(work, card, new JsonObject(), 12, Year(work) + 4);
    }

    public static JsonObject Create(Work work, JsonObject parameters)
    {
        var type = parameters.Text("type") ?? throw StripeException.Invalid("Missing required param: type.", "type", "parameter_missing");
        return type switch
        {
            "card" => CreateCard(work, parameters),
            "sepa_debit" => CreateSepa(work, parameters),
            "us_bank_account" => CreateUsAccount(work, parameters),
            _ => throw StripeException.Invalid($"The payment method type \"{type}\" is invalid. Please ensure the provided type is activated in your dashboard.", "type"),
        };
    }

    /// <summary>Null for what is no card.</summary>
    public static TestCard? CardOf(JsonObject method) =>
        method.Text("type") is "card" && method.Private().Text("number") is { } number ? TestCards.ByNumber(number) ?? TestCards.Unknown(number) : null;

    public static DebitOutcome DebitOf(JsonObject method) => method.Text("type") is "sepa_debit"
        ? TestBankAccounts.Iban(method.Private().Text("number")!)
        : TestBankAccounts.UsAccount(method.Private().Text("number")!);

    /// <summary>What its payments bring upon themselves; null for nothing.</summary>
    public static Aftermath? AftermathOf(JsonObject method) =>
        method.Text("type") is "card" ? CardOf(method)?.Aftermath : DebitOf(method).Aftermath;

    public static void Attach(Work work, JsonObject method, string customer)
    {
        if (CardOf(method) is { Refused: { } refused, Attaches: false })
        {
            throw StripeException.Declined(DeclineBodies.Error(refused, charge: null), keepsEffects: false);
        }

        method["customer"] = customer;
        work.Save(method);
        work.Emit("payment_method.attached", method);
    }

    private static JsonObject List(Call call)
    {
        if (call.Parameters.Text("customer") is { } customer)
        {
            Customers.Get(call.Work, customer);
        }

        return Lists.Page(call, Type, Kind, "customer", "type", "allow_redisplay");
    }

    private static JsonObject FromPath(Call call)
    {
        if (call.Work.Find(call.Id, Type) is { } existing)
        {
            return existing;
        }

        return TestCards.ById(call.Id) is not null
            ? Resolve(call.Work, call.Id, "payment_method")
            : throw StripeException.NotFound(Kind, call.Id, "payment_method");
    }

    private static JsonObject Update(Call call)
    {
        var method = FromPath(call);
        var before = method.DeepClone().AsObject();
        Metadata.Merge(method, call.Parameters);
        method.TakeOver(call.Parameters, "allow_redisplay");
        if (call.Parameters.Hash("billing_details") is { } billing)
        {
            var details = method.Hash("billing_details")!;
            details.TakeOver(billing, "email", "name", "phone");
            if (billing.ContainsKey("address"))
            {
                details["address"] = Contacts.Address(billing["address"]);
            }
        }

        method.Hash("card")?.TakeOver(call.Parameters.Hash("card") ?? [], "exp_month", "exp_year");
        call.Work.Save(method);
        call.Work.EmitUpdated("payment_method.updated", before, method);
        return method;
    }

    private static JsonObject AttachCall(Call call)
    {
        var customer = call.Parameters.Text("customer") ?? throw StripeException.Invalid("Missing required param: customer.", "customer", "parameter_missing");
        Customers.Get(call.Work, customer);
        var method = FromPath(call);
        if (method.Text("customer") is not null)
        {
            throw StripeException.Conflict("The payment method you provided has already been attached to a customer.");
        }

        Attach(call.Work, method, customer);
        return method;
    }

    private static JsonObject Detach(Call call)
    {
        var method = FromPath(call);
        if (method.Text("customer") is null)
        {
            throw StripeException.Conflict("The payment method you provided is not attached to a customer so detachment is impossible.");
        }

        var before = method.DeepClone().AsObject();
        var owner = method.Text("customer")!;
        method["customer"] = null;
        call.Work.Save(method);
        call.Work.EmitUpdated("payment_method.detached", before, method);
        ForgetDefault(call.Work, owner, call.Id);
        return method;
    }

    private static void ForgetDefault(Work work, string owner, string method)
    {
        var customer = work.Find(owner, "customer");
        var settings = customer?.Hash("invoice_settings");
        if (string.Equals(settings.Text("default_payment_method"), method, StringComparison.Ordinal))
        {
            var before = customer!.DeepClone().AsObject();
            settings!["default_payment_method"] = null;
            work.Save(customer);
            work.EmitUpdated("customer.updated", before, customer);
        }
    }

    private static JsonObject CreateCard(Work work, JsonObject parameters)
    {
        var given = parameters.Hash("card") ?? throw StripeException.Invalid("Missing required param: card.", "card", "parameter_missing");
        if (given.Text("token") is { } token)
        {
            var known = token.StartsWith("tok_", StringComparison.Ordinal) ? TestCards.ById(token) : null;
            return known is null
                ? throw StripeException.Missing("token", token, "card[token]")
                : NewCard(work, known, parameters, 12, Year(work) + 4);
        }

        foreach (var field in new[] { "number", "exp_month", "exp_year" })
        {
            if (!given.ContainsKey(field))
            {
                throw StripeException.Invalid($"Missing required param: card[{field}].", $"card[{field}]", "parameter_missing");
            }
        }

        var number = given.Text("number")!.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        var card = CheckedCard(work, number, given);
        return NewCard(work, card, parameters, (int)given.Integer("exp_month")!.Value, FullYear(given.Integer("exp_year")!.Value));
    }

    private static TestCard CheckedCard(Work work, string number, JsonObject given)
    {
        if (number.Length is < 12 or > 19 || !number.All(char.IsAsciiDigit))
        {
            throw Refused(new Decline("invalid_number", null, "The card number is not a valid credit card number.") { Param = "number" });
        }

        if (!TestCards.PassesLuhn(number))
        {
            throw Refused(Decline.IncorrectNumber);
        }

        var card = TestCards.ByNumber(number) ?? TestCards.Unknown(number);
        var month = given.Integer("exp_month");
        var year = FullYear(given.Integer("exp_year")!.Value);
        if (month is < 1 or > 12)
        {
            throw Refused(new Decline("invalid_expiry_month", null, "Your card's expiration month is invalid.") { Param = "exp_month" });
        }

        if (year < Year(work) || year > Year(work) + 50)
        {
            throw Refused(new Decline("invalid_expiry_year", null, "Your card's expiration year is invalid.") { Param = "exp_year" });
        }

        if (year == Year(work) && month < work.Time.Month)
        {
            throw Refused(new Decline("invalid_expiry_month", null, "Your card's expiration month is invalid.") { Param = "exp_month" });
        }

        var cvc = given.Text("cvc");
        if (cvc is not null && (cvc.Length != card.CvcLength || !cvc.All(char.IsAsciiDigit)))
        {
            throw Refused(new Decline("invalid_cvc", null, "Your card's security code is invalid.") { Param = "cvc" });
        }

        return card;

        static StripeException Refused(Decline decline) => StripeException.Declined(DeclineBodies.Error(decline, charge: null), keepsEffects: false);
    }

    private static JsonObject NewCard(Work work, TestCard card, JsonObject parameters, int month, int year)
    {
        var method = New(work, "card", parameters);
        var billing = method.Hash("billing_details")!;
        method["card"] = new JsonObject
        {
            ["brand"] = card.Brand,
            ["checks"] = new JsonObject
            {
                ["address_line1_check"] = card.LineCheck ?? (billing["address"].Text("line1") is null ? null : "pass"),
                ["address_postal_code_check"] = card.PostalCodeCheck ?? (billing["address"].Text("postal_code") is null ? null : "pass"),
                ["cvc_check"] = card.CvcCheck,
            },
            ["country"] = card.Country,
            ["display_brand"] = card.Brand,
            ["exp_month"] = month,
            ["exp_year"] = year,
            ["fingerprint"] = Fingerprints.Of(card.Number),
            ["funding"] = card.Funding,
            ["generated_from"] = null,
            ["last4"] = card.Last4,
            ["networks"] = new JsonObject { ["available"] = new JsonArray(card.Brand), ["preferred"] = null },
            ["regulated_status"] = "unregulated",
            ["three_d_secure_usage"] = new JsonObject { ["supported"] = card.Authentication != ThreeDSecure.NotSupported },
            ["wallet"] = null,
        };
        method.Private()["number"] = card.Number;
        work.Save(method);
        return method;
    }

    private static JsonObject CreateSepa(Work work, JsonObject parameters)
    {
        var billing = parameters.Hash("billing_details");
        foreach (var field in new[] { "name", "email" })
        {
            if (billing.Text(field) is null)
            {
                throw StripeException.Invalid($"Missing required param: billing_details[{field}].", $"billing_details[{field}]", "parameter_missing");
            }
        }

        var iban = parameters.Hash("sepa_debit").Text("iban") is { } given ? TestBankAccounts.NormalIban(given) : null;
        if (iban is null)
        {
            throw StripeException.Invalid("The IBAN you provided is invalid.", "sepa_debit[iban]", "account_number_invalid");
        }

        var method = New(work, "sepa_debit", parameters);
        method["sepa_debit"] = new JsonObject
        {
            ["bank_code"] = iban[4..9],
            ["branch_code"] = "",
            ["country"] = iban[..2],
            ["fingerprint"] = Fingerprints.Of(iban),
            ["generated_from"] = new JsonObject { ["charge"] = null, ["setup_attempt"] = null },
            ["last4"] = iban[^4..],
        };
        method.Private()["number"] = iban;
        work.Save(method);
        return method;
    }

    private static JsonObject CreateUsAccount(Work work, JsonObject parameters)
    {
        if (parameters.Hash("billing_details").Text("name") is null)
        {
            throw StripeException.Invalid("Missing required param: billing_details[name].", "billing_details[name]", "parameter_missing");
        }

        var given = parameters.Hash("us_bank_account");
        var (routing, account) = (given.Text("routing_number"), given.Text("account_number"));
        if (routing is null || !TestBankAccounts.IsRoutingNumber(routing))
        {
            throw StripeException.Invalid("The routing number you provided is invalid.", "us_bank_account[routing_number]", "routing_number_invalid");
        }

        if (account is null || account.Length is < 4 or > 17 || !account.All(char.IsAsciiDigit))
        {
            throw StripeException.Invalid("The account number you provided is invalid.", "us_bank_account[account_number]", "account_number_invalid");
        }

        var method = New(work, "us_bank_account", parameters);
        method["us_bank_account"] = new JsonObject
        {
            ["account_holder_type"] = given.Text("account_holder_type") ?? "individual",
            ["account_type"] = given.Text("account_type") ?? "checking",
            ["bank_name"] = "STRIPE TEST BANK",
            ["financial_connections_account"] = null,
            ["fingerprint"] = Fingerprints.Of(routing + account),
            ["last4"] = account[^4..],
            ["networks"] = new JsonObject { ["preferred"] = "ach", ["supported"] = new JsonArray("ach") },
            ["routing_number"] = routing,
            ["status_details"] = null,
        };
        method.Private()["number"] = account;
        work.Save(method);
        return method;
    }

    private static JsonObject New(Work work, string type, JsonObject parameters) => new()
    {
        ["id"] = Ids.New("pm_"),
        ["object"] = Type,
        ["allow_redisplay"] = parameters.Text("allow_redisplay") ?? "unspecified",
        ["billing_details"] = Contacts.BillingDetails(parameters["billing_details"]),
        ["created"] = work.Now,
        ["customer"] = null,
        ["customer_account"] = null,
        ["livemode"] = false,
        ["metadata"] = Metadata.From(parameters),
        ["type"] = type,
    };

    private static int Year(Work work) => work.Time.Year;

    private static int FullYear(long year) => (int)(year < 100 ? year + 2000 : year);
}
