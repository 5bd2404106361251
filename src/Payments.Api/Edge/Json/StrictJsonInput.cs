using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Formatters;

namespace Payments.Api.Edge.Json;

/// <summary>Reads request bodies, and says of a wrong one which field wants what. The framework's own formatter would answer with names of our types.</summary>
internal sealed class StrictJsonInput : TextInputFormatter, IInputFormatterExceptionPolicy
{
    private readonly JsonSerializerOptions options;

    public StrictJsonInput(JsonSerializerOptions options)
    {
        this.options = options;
        SupportedMediaTypes.Add("application/json");
        SupportedEncodings.Add(new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
    }

    public InputFormatterExceptionPolicy ExceptionPolicy => InputFormatterExceptionPolicy.MalformedInputExceptions;

    public override async Task<InputFormatterResult> ReadRequestBodyAsync(InputFormatterContext context, Encoding encoding)
    {
        var request = context.HttpContext.Request;
        try
        {
            var model = await JsonSerializer.DeserializeAsync(request.Body, context.ModelType, options, context.HttpContext.RequestAborted);
            return model is null ? Wrong("body", "must be an object") : await InputFormatterResult.SuccessAsync(model);
        }
        catch (JsonException error)
        {
            var (field, message) = JsonWants.Explain(error, options.GetTypeInfo(context.ModelType));
            return Wrong(field, message);
        }

        InputFormatterResult Wrong(string field, string message)
        {
            context.ModelState.TryAddModelError(field, message);
            return InputFormatterResult.Failure();
        }
    }
}
