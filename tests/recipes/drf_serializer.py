"""Django REST framework: a serializer whose errors are nested by field."""

from typing import Any

from django.utils.translation import get_language
from rest_framework import serializers

import isales_rules
from isales_rules import Locale

rules = isales_rules.load("campaign-modify-v1")


class CampaignSerializer(serializers.BaseSerializer):
    def to_internal_value(self, data: Any) -> Any:
        report = rules.validate(data)
        if not report:
            locale: Locale = "zh_CN" if (get_language() or "").startswith("zh") else "en_US"
            raise serializers.ValidationError(report.errors_as("nested", locale))
        return data
