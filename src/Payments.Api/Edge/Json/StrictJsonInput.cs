using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Formatters;
using Payments.Api.Edge.Identity;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Json;

/// <summary>
/// Reads request bodies, and says of a wrong one which field wants what. The framework's own formatter would answer
/// with names of our types. A <c>userId</c> that repeats the caller's own is let pass; anyone else's is 403.
/// </summary>
internal sealed class StrictJsonInput : TextInputFormatter, IInputFormatterExceptionPolicy
{
    private const string UserIdField = "userId";

    private readonly JsonSerializerOptions options;

    public StrictJsonInput(JsonSerializerOptions options)
    {
        this.options = options;
        SupportedMediaTypes.Add("application/json");
        SupportedEncodings.Add(new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
    }

    public InputFormatterExceptionPolicy ExceptionPolicy => InputFormatterExceptionPolicy.MalformedInputExceptions;

    public static Refusal OtherUser() => new(RefusalKind.Forbidden, "auth.other_user", "The token says who calls; userId may only repeat it.", UserIdField);

    public override async Task<InputFormatterResult> ReadRequestBodyAsync(InputFormatterContext context, Encoding encoding)
    {
        // Whole, since a second look may be needed; the body limit keeps it small.
        using var body = new MemoryStream();
        await context.HttpContext.Request.Body.CopyToAsync(body, context.HttpContext.RequestAborted);
        var json = body.GetBuffer().AsMemory(0, (int)body.Length);
        try
        {
            return Read(json.Span);
        }
        catch (JsonException error)
        {
            var (field, message) = JsonWants.Explain(error, options.GetTypeInfo(context.ModelType));
            return field == UserIdField && message == JsonWants.UnknownField && UserIds.Of(context.HttpContext.User) is { } caller
                ? ReadWithout(json, caller)
                : Wrong(field, message);
        }

        InputFormatterResult Read(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize(bytes, context.ModelType, options) is not { } model ? Wrong("body", "must be an object")
            : JsonHoles.Find(bytes) is (var field, var message) ? Wrong(field, message)
            : InputFormatterResult.Success(model);

        InputFormatterResult ReadWithout(ReadOnlyMemory<byte> bytes, UserId caller)
        {
            try
            {
                var fields = JsonNode.Parse(bytes.Span, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
                if (fields[UserIdField] is not JsonValue named || !named.TryGetValue<Guid>(out var id) || id != caller.Value)
                {
                    throw OtherUser();
                }

                fields.Remove(UserIdField);
                return Read(JsonSerializer.SerializeToUtf8Bytes(fields));
            }
            catch (JsonException error)
            {
                var (field, message) = JsonWants.Explain(error, options.GetTypeInfo(context.ModelType));
                return Wrong(field, message);
            }
        }

        InputFormatterResult Wrong(string field, string message)
        {
            context.ModelState.TryAddModelError(field, message);
            return InputFormatterResult.Failure();
        }
    }
}
