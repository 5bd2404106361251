using System.Text.Json.Nodes;
using Payments.Tests.Shared;

namespace Payments.Sandbox.Tests;

/// <summary>The judge itself is judged: it passes what is good and finds each planted fault where it lies.</summary>
public sealed class StripeSchemaTests
{
    private const string GoodSession =
        "mode=payment&success_url=https%3A%2F%2Fshop.example%2Fok&line_items[0][quantity]=1"
        + "&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=1999"
        + "&line_items%5B0%5D%5Bprice_data%5D%5Bproduct_data%5D%5Bname%5D=100+credits"
        + "&metadata[payment_id]=p1&payment_intent_data[metadata][payment_id]=p1";

    private static readonly StripeSchema Schema = StripeSchema.Load();

    [Fact]
    public void A_good_request_has_no_errors() => Request("POST", "/v1/checkout/sessions", GoodSession).ShouldBeEmpty();

    [Theory]
    [InlineData("POST", "/v1/customers", null)]
    [InlineData("POST", "/v1/customers", "email=ada%40example.com&metadata[user]=&expand[]=subscriptions")]
    [InlineData("POST", "/v1/customers/cus_1", "metadata=&individual_name=")]
    [InlineData("GET", "/v1/customers?limit=100&starting_after=cus_1&created[gte]=1700000000&expand[0]=data.subscriptions", null)]
    [InlineData("GET", "/v1/customers?created=1700000000", null)]
    [InlineData("GET", "/v1/events?types[]=charge.failed&types[]=charge.succeeded&delivery_success=false", null)]
    [InlineData("GET", "/v1/checkout/sessions/cs_1?expand[0]=line_items&expand[1]=payment_intent.latest_charge", null)]
    [InlineData("GET", "/v1/subscriptions/sub_1?expand[]=latest_invoice.confirmation_secret&expand[]=items.data.price.product", null)]
    [InlineData("POST", "/v1/invoices/create_preview", "customer=cus_1")]
    [InlineData("POST", "/v1/subscriptions", "customer=cus_1&items[1][price]=price_2&items[0][price]=price_1&discounts=")]
    [InlineData("POST", "/v1/payment_intents", "amount=1999&currency=usd&payment_method_options[paypal][capture_method]=manual")]
    [InlineData("DELETE", "/v1/customers/cus_1", null)]
    public void Every_way_in_which_Stripes_clients_write_parameters_is_read(string method, string path, string? body) =>
        Request(method, path, body).ShouldBeEmpty();

    [Theory]
    [InlineData("GET", "/v1/refunds/re_1/nothing", null, "GET /v1/refunds/re_1/nothing: no such path")]
    [InlineData("GET", "/v1/customers/", null, "GET /v1/customers/: no such path")]
    [InlineData("DELETE", "/v1/refunds/re_1", null, "DELETE /v1/refunds/{id}: no such method")]
    [InlineData("POST", "/v1/customers", "emial=a", "$.emial: unknown parameter")]
    [InlineData("POST", "/v1/customers", "address[town]=a", "$.address.town: unknown parameter")]
    [InlineData("POST", "/v1/customers", "email=a&email=b", "$: 'email' is sent twice")]
    [InlineData("POST", "/v1/customers", "address=x&address[city]=a", "$: 'address[city]' is sent both as a value and as a hash")]
    [InlineData("POST", "/v1/customers", "address[city=a", "$: the key 'address[city' is not well formed")]
    [InlineData("POST", "/v1/customers", "email=", "$.email: cannot be unset with an empty text")]
    [InlineData("POST", "/v1/customers", "balance=ten", "$.balance: expected an integer, found \"ten\"")]
    [InlineData("POST", "/v1/customers", "email[a]=b", "$.email: expected a string, found a hash")]
    [InlineData("POST", "/v1/customers", "cash_balance[settings][reconciliation_mode]=sometimes", "$.cash_balance.settings.reconciliation_mode: 'sometimes' is none of automatic, manual, merchant_default")]
    [InlineData("POST", "/v1/customers?email=a", null, "$.email: unknown parameter")]
    [InlineData("POST", "/v1/payment_intents", "amount=5&confirm=yes&currency=usd", "$.confirm: expected a boolean, found \"yes\"")]
    [InlineData("POST", "/v1/payment_intents", "amount=5", "$.currency: missing")]
    [InlineData("POST", "/v1/payment_intents", null, "$.amount: missing")]
    [InlineData("POST", "/v1/payment_intents", "amount=1.5&currency=usd", "$.amount: expected an integer, found \"1.5\"")]
    [InlineData("POST", "/v1/payment_intents", "amount=5&currency=usd&payment_method_options[crad][x]=1", "$.payment_method_options.crad: unknown parameter")]
    [InlineData("POST", "/v1/checkout/sessions", "line_items[0][price_data][unit_amount]=5", "$.line_items[0].price_data.currency: missing")]
    [InlineData("POST", "/v1/checkout/sessions", "line_items[0][qty]=5", "$.line_items[0].qty: unknown parameter")]
    [InlineData("POST", "/v1/checkout/sessions", "line_items[first][quantity]=5", "$.line_items: expected an array, found a hash")]
    [InlineData("POST", "/v1/subscriptions", "customer=cus_1&trial_end=soon", "$.trial_end: 'soon' is none of now")]
    [InlineData("GET", "/v1/customers?limit=ten", null, "$.limit: expected an integer, found \"ten\"")]
    [InlineData("GET", "/v1/customers?created[since]=5", null, "$.created.since: unknown parameter")]
    [InlineData("GET", "/v1/checkout/sessions/cs_1?expand[]=mode", null, "$.expand[0]: 'mode' cannot be expanded")]
    [InlineData("GET", "/v1/checkout/sessions?expand[]=payment_intent", null, "$.expand[0]: 'payment_intent' cannot be expanded")]
    public void A_planted_fault_in_a_request_is_found(string method, string path, string? body, string fault) =>
        Request(method, path, body).ShouldContain(fault);

    [Fact]
    public void Metadata_keeps_to_Stripes_limits()
    {
        Request("POST", "/v1/customers", $"metadata[{new string('k', 41)}]=v").ShouldContain(e => e.Contains("1 to 40 characters", StringComparison.Ordinal));
        Request("POST", "/v1/customers", $"metadata[k]={new string('v', 501)}").ShouldContain("$.metadata.k: longer than 500 characters");
        Request("POST", "/v1/customers", string.Join('&', Enumerable.Range(0, 51).Select(i => $"metadata[k{i}]=v"))).ShouldContain("$.metadata: more than 50 keys");
    }

    [Fact]
    public void Good_objects_have_no_errors()
    {
        Schema.ObjectErrors(Customer()).ShouldBeEmpty();
        Schema.ObjectErrors("customer", Customer()).ShouldBeEmpty();
        Schema.ObjectErrors(Price()).ShouldBeEmpty();
        Schema.ObjectErrors(Refund()).ShouldBeEmpty();
        Schema.ObjectErrors(List(Customer(), Price())).ShouldBeEmpty();
        Schema.ObjectErrors(Event("customer.created", Customer())).ShouldBeEmpty();
        Schema.ObjectErrors(Json("""{ "id": "cus_1", "object": "customer", "deleted": true }""")).ShouldBeEmpty();
        Schema.ObjectErrors(Json("""{ "error": { "type": "card_error", "code": "card_declined", "message": "Your card was declined." } }""")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("email", "7", "$.email: expected a string, found 7")]
    [InlineData("balance", "1.5", "$.balance: expected an integer, found 1.5")]
    [InlineData("balance", "null", "$.balance: must not be null")]
    [InlineData("livemode", "\"false\"", "$.livemode: expected a boolean, found \"false\"")]
    [InlineData("created", "-1", "$.created: -1 is no time")]
    [InlineData("tax_exempt", "\"maybe\"", "$.tax_exempt: 'maybe' is none of exempt, none, reverse")]
    [InlineData("favourite", "\"tea\"", "$.favourite: unknown property")]
    [InlineData("metadata", "{ \"a\": 1 }", "$.metadata.a: expected a string, found 1")]
    [InlineData("metadata", "[]", "$.metadata: expected an object, found an array")]
    [InlineData("preferred_locales", "{}", "$.preferred_locales: expected an array, found a hash")]
    [InlineData("preferred_locales", "[\"de\", 7]", "$.preferred_locales[1]: expected a string, found 7")]
    [InlineData("invoice_settings", "{ \"custom_fields\": null, \"default_payment_method\": null, \"footer\": null }", "$.invoice_settings.rendering_options: missing")]
    [InlineData("default_source", "{ \"object\": \"cart\" }", "$.default_source.object: 'cart' is none of account")]
    public void A_planted_fault_in_an_object_is_found(string property, string value, string fault)
    {
        var customer = Customer();
        customer[property] = JsonNode.Parse(value);
        Schema.ObjectErrors(customer).ShouldContain(fault);
    }

    [Fact]
    public void A_missing_property_is_found_even_when_it_may_be_null()
    {
        var customer = Customer();
        customer.Remove("email");
        Schema.ObjectErrors(customer).ShouldBe(["$.email: missing"]);
    }

    [Fact]
    public void An_open_enum_is_closed_for_the_simulator()
    {
        var refund = Refund();
        refund["reason"] = "regret";
        Schema.ObjectErrors(refund).ShouldHaveSingleItem().ShouldStartWith("$.reason: 'regret' is none of");
    }

    [Fact]
    public void A_decimal_is_text_that_reads_as_a_number()
    {
        var price = Price();
        price["unit_amount_decimal"] = "ten";
        Schema.ObjectErrors(price).ShouldBe(["$.unit_amount_decimal: 'ten' is no decimal"]);
    }

    [Fact]
    public void An_expanded_field_is_judged_as_the_object_that_it_holds()
    {
        var refund = Refund();
        refund["payment_intent"] = Json("""{ "id": "pi_1", "object": "payment_intent" }""");
        Schema.ObjectErrors(refund).ShouldContain("$.payment_intent.amount: missing");
        refund["payment_intent"] = Customer();
        Schema.ObjectErrors(refund).ShouldContain(e => e.StartsWith("$.payment_intent.object: 'customer' is none of", StringComparison.Ordinal));
        refund["payment_intent"] = 7;
        Schema.ObjectErrors(refund).ShouldBe(["$.payment_intent: expected a string, found 7"]);
    }

    [Fact]
    public void An_element_of_a_list_is_judged_by_its_own_name()
    {
        var bad = Customer();
        bad["email"] = 7;
        Schema.ObjectErrors(List(Customer(), bad)).ShouldBe(["$.data[1].email: expected a string, found 7"]);
        var list = List();
        list["has_more"] = "no";
        list.Remove("url");
        list["total"] = 3;
        Schema.ObjectErrors(list).ShouldBe(
        [
            "$.has_more: expected a boolean, found \"no\"",
            "$.url: expected String, found nothing",
            "$.total: unknown property",
        ]);
    }

    [Fact]
    public void The_object_inside_an_event_is_judged_by_its_own_name()
    {
        var bad = Customer();
        bad["balance"] = "0";
        Schema.ObjectErrors(Event("customer.created", bad)).ShouldBe(["$.data.object.balance: expected an integer, found \"0\""]);
        Schema.ObjectErrors(Event("customer.creatd", Customer())).ShouldBe(["$.type: 'customer.creatd' is not an event type"]);
        Schema.ObjectErrors(Event("customer.created", Json("""{ "id": "x_1", "object": "teapot" }"""))).ShouldBe(["$.data.object.object: no schema for 'teapot'"]);
    }

    [Fact]
    public void Previous_attributes_are_a_part_of_the_object()
    {
        var item = Event("customer.updated", Customer());
        item["data"]!["previous_attributes"] = Json("""{ "email": null, "invoice_settings": { "default_payment_method": null }, "metadata": { "added": null } }""");
        Schema.ObjectErrors(item).ShouldBeEmpty();
        item["data"]!["previous_attributes"] = Json("""{ "e_mail": null }""");
        Schema.ObjectErrors(item).ShouldBe(["$.data.previous_attributes.e_mail: unknown property"]);
        item["data"]!["previous_attributes"] = Json("""{ "balance": null }""");
        Schema.ObjectErrors(item).ShouldBe(["$.data.previous_attributes.balance: must not be null"]);
        var failed = Event("refund.failed", Refund());
        failed["data"]!["previous_attributes"] = Json("""{ "failure_reason": null }""");
        Schema.ObjectErrors(failed).ShouldBeEmpty("it was not there before");
    }

    [Fact]
    public void What_names_no_object_is_an_error()
    {
        Schema.ObjectErrors(Json("{}")).ShouldBe(["$.object: missing, so the object cannot be told"]);
        Schema.ObjectErrors(Json("""{ "object": "api_errors" }""")).ShouldBe(["$.object: no schema for 'api_errors'"]);
        Schema.ObjectErrors("teapot", Json("{}")).ShouldBe(["$: there is no schema 'teapot'"]);
        Schema.ObjectErrors(JsonValue.Create(7)).ShouldBe(["$: expected an object, found 7"]);
    }

    private static IReadOnlyList<string> Request(string method, string path, string? body) => Schema.RequestErrors(method, path, body);

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private static JsonObject List(params JsonNode[] items) =>
        new() { ["object"] = "list", ["data"] = new JsonArray(items), ["has_more"] = false, ["url"] = "/v1/things" };

    private static JsonObject Event(string type, JsonObject subject) => new()
    {
        ["id"] = "evt_1",
        ["object"] = "event",
        ["api_version"] = "2026-07-29.dahlia",
        ["created"] = 1_700_000_000,
        ["data"] = new JsonObject { ["object"] = subject },
        ["livemode"] = false,
        ["pending_webhooks"] = 1,
        ["request"] = new JsonObject { ["id"] = "req_1", ["idempotency_key"] = null },
        ["type"] = type,
    };

    private static JsonObject Customer() => Json(
        """
        {
          "id": "cus_1", "object": "customer", "address": null, "balance": 0, "created": 1700000000, "currency": null,
          "default_source": null, "delinquent": false, "description": null, "discount": null, "email": "ada@example.com",
          "invoice_prefix": "ABCDEF12", "invoice_settings": {
            "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null
          },
          "livemode": false, "metadata": { "user": "1" }, "name": "Ada", "phone": null, "preferred_locales": ["en"],
          "shipping": null, "tax_exempt": "none", "test_clock": null
        }
        """);

    private static JsonObject Price() => Json(
        """
        {
          "id": "price_1", "object": "price", "active": true, "billing_scheme": "per_unit", "created": 1700000000,
          "currency": "usd", "custom_unit_amount": null, "livemode": false, "lookup_key": null, "metadata": {},
          "nickname": null, "product": "prod_1", "recurring": null, "tax_behavior": "unspecified", "tiers_mode": null,
          "transform_quantity": null, "type": "one_time", "unit_amount": 1999, "unit_amount_decimal": "1999"
        }
        """);

    private static JsonObject Refund() => Json(
        """
        {
          "id": "re_1", "object": "refund", "amount": 500, "balance_transaction": null, "charge": "ch_1",
          "created": 1700000000, "currency": "usd", "customer": null, "customer_account": null, "metadata": {}, "payment_intent": "pi_1",
          "payment_method": null, "reason": "requested_by_customer", "receipt_number": null,
          "source_transfer_reversal": null, "status": "succeeded", "transfer_reversal": null
        }
        """);
}
