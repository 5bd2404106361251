using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.Schema;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Reading_a_form
{
    [Theory]
    [InlineData("metadata[a]=1&line_items[0][price]=p&line_items[0][quantity]=2")]
    [InlineData("line_items%5B0%5D%5Bquantity%5D=2&metadata%5Ba%5D=1&line_items%5B0%5D%5Bprice%5D=p")]
    [InlineData("line_items[][price]=p&line_items[][quantity]=2&metadata[a]=1")]
    public void Nests_by_brackets_however_they_are_sent(string body)
    {
        Read("POST /v1/checkout/sessions", body).ToJsonString().ShouldBeOneOf(
            """{"metadata":{"a":"1"},"line_items":[{"price":"p","quantity":2}]}""",
            """{"line_items":[{"price":"p","quantity":2}],"metadata":{"a":"1"}}""",
            """{"line_items":[{"quantity":2,"price":"p"}],"metadata":{"a":"1"}}""");
    }

    [Fact]
    public void Orders_a_list_by_its_indices_whatever_the_order_on_the_wire()
    {
        var read = Read("POST /v1/products", "name=x&images[1]=b&images[0]=a");
        read["images"]!.ToJsonString().ShouldBe("""["a","b"]""");
    }

    [Fact]
    public void Begins_a_new_element_where_a_name_comes_again()
    {
        var read = Read("POST /v1/checkout/sessions", "line_items[][price]=a&line_items[][quantity]=1&line_items[][price]=b&line_items[][quantity]=2");
        read["line_items"]!.ToJsonString().ShouldBe("""[{"price":"a","quantity":1},{"price":"b","quantity":2}]""");
    }

    [Fact]
    public void Appends_scalars_with_empty_brackets()
    {
        Read("POST /v1/payment_intents", "amount=1&currency=usd&payment_method_types[]=card&payment_method_types[]=link")["payment_method_types"]!
            .ToJsonString().ShouldBe("""["card","link"]""");
    }

    [Fact]
    public void Decodes_plus_as_a_space_and_percent_as_UTF8()
    {
        Read("POST /v1/customers", "name=J%C3%BCrgen+M%2B")["name"]!.ToString().ShouldBe("Jürgen M+");
    }

    [Fact]
    public void Types_integers_booleans_and_decimals()
    {
        Read("POST /v1/coupons", "percent_off=12.5&max_redemptions=3")["percent_off"]!.GetValue<decimal>().ShouldBe(12.5m);
        Read("POST /v1/prices", "currency=usd&active=false&unit_amount=5").ToJsonString().ShouldBe("""{"currency":"usd","active":false,"unit_amount":5}""");
    }

    [Theory]
    [InlineData("POST /v1/payment_intents", "amount=100", "parameter_missing", "currency", "Missing required param: currency.")]
    [InlineData("POST /v1/payment_intents", "amount=100&currency=usd&bogus=1", "parameter_unknown", "bogus", "Received unknown parameter: bogus")]
    [InlineData("POST /v1/checkout/sessions", "line_items[0][bogus]=1", "parameter_unknown", "line_items[0][bogus]", "Received unknown parameter: line_items[0][bogus]")]
    [InlineData("POST /v1/payment_intents", "amount=ten&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: ten")]
    [InlineData("POST /v1/payment_intents", "amount=100&currency=usd&confirm=maybe", null, "confirm", "Invalid boolean: maybe")]
    [InlineData("POST /v1/checkout/sessions", "mode=gift", null, "mode", "Invalid mode: must be one of payment, setup, or subscription")]
    [InlineData("POST /v1/payment_intents", "amount=100&currency=", "parameter_invalid_empty", "currency", "You passed an empty string for 'currency'.*")]
    [InlineData("POST /v1/checkout/sessions", "line_items=x", null, "line_items", "Invalid array")]
    [InlineData("GET /v1/customers", "limit=x", "parameter_invalid_integer", "limit", "Invalid integer: x")]
    public void Refuses_what_is_wrong_in_Stripes_words(string operation, string body, string? code, string param, string message)
    {
        var refusal = Should.Throw<StripeException>(() => Read(operation, body));
        refusal.Status.ShouldBe(400);
        refusal.Code.ShouldBe(code);
        refusal.Param.ShouldBe(param);
        refusal.Message.ShouldMatch("^" + (message.EndsWith(".*", StringComparison.Ordinal)
            ? System.Text.RegularExpressions.Regex.Escape(message[..^2]) + ".*" : System.Text.RegularExpressions.Regex.Escape(message)) + "$");
    }

    [Fact]
    public void Means_the_same_whatever_the_order()
    {
        var one = Form.Parse(Form.Decode("a=1&b[c]=2&b[d]=3"));
        var two = Form.Parse(Form.Decode("b%5Bd%5D=3&b[c]=2&a=1"));
        one.Canonical().ShouldBe(two.Canonical());
        Form.Parse(Form.Decode("a=1&b[c]=2&b[d]=4")).Canonical().ShouldNotBe(one.Canonical());
    }

    private static JsonObject Read(string operation, string body) => ParameterSchema.Instance.Read(operation, Form.Parse(Form.Decode(body)));
}
